# cython: language_level=3
"""Beam search over transition systems, and where training finds its worst violation."""

cimport cython
from cymem.cymem cimport Pool
from libc.math cimport exp
from libc.string cimport memcpy, memset


@cython.no_gc_clear  # the client's `del_func` gets `mem` when the beam is freed
cdef class Beam:
    """The `width` best partial analyses of one input, best first.

    nr_class: the number of transitions.
    min_density: candidates whose share is below this part of the best one's are dropped; 0 keeps all.

    The client writes `scores`, `is_valid` and `costs`, each (width, nr_class), and calls `advance`
    until `check_done` finds every analysis finished.
    """

    def __init__(self, class_t nr_class, class_t width, weight_t min_density=0.0):
        assert nr_class != 0, "Beam: nr_class is 0; there must be a transition"
        assert width != 0, "Beam: width is 0; there must be room for a state"
        assert self.mem is None, "Beam: a beam can't be made twice; make a new one"
        self.mem = Pool()
        self.nr_class = nr_class
        self.width = width
        self.min_density = min_density
        self.size = 1
        self.histories = [[] for _ in range(width)]
        self._parent_histories = [[] for _ in range(width)]
        self._parents = <_State*>self.mem.alloc(width, sizeof(_State))
        self._states = <_State*>self.mem.alloc(width, sizeof(_State))
        self.scores = <weight_t**>table(self.mem, width, nr_class * sizeof(weight_t))
        self.costs = <weight_t**>table(self.mem, width, nr_class * sizeof(weight_t))
        self.is_valid = <int**>table(self.mem, width, nr_class * sizeof(int))

    def __dealloc__(self):
        cdef class_t i
        if self.del_func == NULL:  # never initialized: there are no states
            return
        for i in range(self.width):
            if self._states[i].content != NULL:
                self.del_func(self.mem, self._states[i].content, NULL)
            if self._parents[i].content != NULL:
                self.del_func(self.mem, self._parents[i].content, NULL)

    def __len__(self):
        return self.size

    @property
    def score(self):
        """The score of the best analysis."""
        return self._states[0].score

    @property
    def min_score(self):
        """The score of the worst analysis that was kept."""
        return self._states[self.size - 1].score

    @property
    def loss(self):
        """The summed costs of the best analysis."""
        return self._states[0].loss

    @property
    def scores(self):
        """The scores of the analyses."""
        return scores_of(self)

    @property
    def probs(self):
        """The analyses' shares of the beam: softmax(scores)."""
        return _softmax(scores_of(self))

    @property
    def histories(self):
        """The transitions of each analysis."""
        return self.histories

    cdef int _fill(self, Queue* queue, weight_t** scores, int** is_valid) except -1:
        """Queue every candidate: each valid transition of an unfinished state, each finished state as it is."""
        cdef class_t i, clas
        cdef _State* state
        cdef weight_t score
        for i in range(self.size):
            state = &self._states[i]
            if state.is_done:
                # One more step of its mean score, or it would compete with longer and longer analyses.
                score = state.score
                if self.histories[i]:
                    score += state.score / self.t
                queue.push(Entry(score, i * self.nr_class))
                continue
            for clas in range(self.nr_class):
                if is_valid[i][clas]:
                    score = state.score + scores[i][clas]
                    queue.push(Entry(score, i * self.nr_class + clas))
        return 0

    cdef int initialize(self, init_func_t init_func, del_func_t del_func, int n, void* extra) except -1:
        """Make `width` states and as many parents with init_func(mem, n, extra)."""
        cdef class_t i
        self.del_func = del_func
        for i in range(self.width):
            self._states[i].content = init_func(self.mem, n, extra)
            self._parents[i].content = init_func(self.mem, n, extra)
        return 0

    cdef int advance(self, trans_func_t transition, hash_func_t hash_func, void* extra) except -1:
        """Replace the states by their `width` best successors, and clear the tables."""
        cdef Queue queue
        cdef class_t i
        self._fill(&queue, self.scores, self.is_valid)
        drop_sparse(&queue, self.min_density)
        self._states, self._parents = self._parents, self._states
        self._parent_histories, self.histories = self.histories, [[] for _ in range(self.width)]
        self.size = take_best(self, &queue, transition, hash_func, extra)
        assert self.size >= 1, "Beam.advance: no transition is valid in any state"
        for i in range(self.width):
            memset(self.scores[i], 0, self.nr_class * sizeof(weight_t))
            memset(self.costs[i], 0, self.nr_class * sizeof(weight_t))
            memset(self.is_valid[i], 0, self.nr_class * sizeof(int))
        self.t += 1
        return 0

    cdef int check_done(self, finish_func_t finish_func, void* extra) except -1:
        """Note which states are finished; the beam is done when all are."""
        cdef class_t i
        self.is_done = True
        for i in range(self.size):
            if not self._states[i].is_done:
                self._states[i].is_done = finish_func(self._states[i].content, extra)
            self.is_done = self.is_done and self._states[i].is_done
        return 0

    cdef int set_row(self, int i, const weight_t* scores, const int* is_valid, const weight_t* costs) except -1:
        """Write what one state's transitions are worth."""
        memcpy(self.scores[i], scores, self.nr_class * sizeof(weight_t))
        memcpy(self.is_valid[i], is_valid, self.nr_class * sizeof(int))
        memcpy(self.costs[i], costs, self.nr_class * sizeof(weight_t))
        return 0

    cdef int set_table(self, weight_t** scores, int** is_valid, weight_t** costs) except -1:
        """Write what every state's transitions are worth."""
        cdef class_t i
        for i in range(self.width):
            self.set_row(i, scores[i], is_valid[i], costs[i])
        return 0


cdef class MaxViolation:
    """The step of a search at which the prediction outscores the best correct analysis by most.

    Updating there is sound even though beam search is inexact: Huang, Fayong and Guo 2012, "Structured
    Perceptron with Inexact Search".  `check` keeps the two best histories; `check_crf` keeps all histories
    with the gradient of their normalized likelihood: Andor et al. 2016, "Globally Normalized
    Transition-Based Neural Networks".

    Z, gZ: the sums of exp(score), of all and of the correct analyses.
    """

    def __init__(self):
        self.delta = -1
        self.p_hist = []
        self.g_hist = []
        self.p_probs = []
        self.g_probs = []

    cpdef int check(self, Beam pred, Beam gold) except -1:
        """Note this step if the best prediction is wrong, and its lead the largest so far."""
        cdef class_t i
        cdef weight_t lead = pred._states[0].score - gold._states[0].score
        if pred._states[0].loss < 1 or not (self.cost == 0 or lead > self.delta):
            return 0
        self.cost = pred._states[0].loss
        self.delta = lead
        self.p_score = pred._states[0].score
        self.g_score = gold._states[0].score
        self.p_hist = list(pred.histories[0])
        self.g_hist = list(gold.histories[0])
        self.gZ = 1e-10
        for i in range(gold.size):
            if gold._states[i].loss == 0:
                self.gZ += exp(gold._states[i].score)
        self.Z = self.gZ
        for i in range(pred.size):
            if pred._states[i].loss > 0:
                self.Z += exp(pred._states[i].score)
        return 0

    cpdef int check_crf(self, Beam pred, Beam gold) except -1:
        """Note this step's gradient if the best prediction is wrong, and its lead the largest so far.

        p_probs, g_probs: the derivatives of -log P(correct) by the scores of p_hist and g_hist.
        """
        cdef class_t i
        cdef weight_t lead = pred._states[0].score - gold._states[0].score
        if pred._states[0].loss <= 0 or not (self.cost == 0 or lead > self.delta):
            return 0
        self.cost = pred._states[0].loss
        self.delta = lead
        self.p_hist, p_scores = [], []
        self.g_hist, g_scores = [], []
        found = {tuple(gold.histories[i]) for i in range(gold.size) if gold._states[i].loss == 0}
        for i in range(pred.size):
            if pred._states[i].loss > 0:
                self.p_hist.append(pred.histories[i])
                p_scores.append(pred._states[i].score)
            elif tuple(pred.histories[i]) not in found:
                self.g_hist.append(pred.histories[i])
                g_scores.append(pred._states[i].score)
        for i in range(gold.size):
            if gold._states[i].loss == 0:
                self.g_hist.append(gold.histories[i])
                g_scores.append(gold._states[i].score)
        probs = _softmax(p_scores + g_scores)
        self.p_probs = probs[:len(p_scores)]
        self.g_probs = [p - g for p, g in zip(probs[len(p_scores):], _softmax(g_scores))]
        return 0


cdef void** table(Pool mem, size_t nr_row, size_t row_size) except NULL:
    """Zeroed rows in one block."""
    cdef size_t i
    cdef void** rows = <void**>mem.alloc(nr_row, sizeof(void*))
    cdef char* block = <char*>mem.alloc(nr_row, row_size)
    for i in range(nr_row):
        rows[i] = block + i * row_size
    return rows


cdef int drop_sparse(Queue* queue, weight_t min_density) except -1:
    """Drop the candidates whose share of all is less than min_density / Z, where Z = sum exp(score - best)."""
    cdef Queue kept
    cdef double best
    if min_density == 0 or queue.empty():
        return 0
    best = queue.top().first
    # Both shares have the divisor Z, and the queue gives the best first.
    while not queue.empty() and exp(queue.top().first - best) >= min_density:
        kept.push(queue.top())
        queue.pop()
    queue[0] = kept
    return 0


cdef class_t take_best(Beam beam, Queue* queue, trans_func_t transition, hash_func_t hash_func,
                       void* extra) except? 0:
    """Make the best candidates the beam's states; how many there are."""
    cdef class_t kept = 0
    cdef class_t clas
    cdef size_t i
    cdef hash_t key
    cdef _State* state
    cdef _State* parent
    cdef Entry best
    seen = set()
    while kept < beam.width and not queue.empty():
        best = queue.top()
        queue.pop()
        i = best.second // beam.nr_class
        clas = best.second % beam.nr_class
        parent = &beam._parents[i]
        state = &beam._states[kept]
        history = beam._parent_histories[i]
        if parent.is_done:
            # It has only this one candidate, so it can be moved.
            state[0], parent[0] = parent[0], state[0]
            state.score = best.first
            beam.histories[kept] = history
            kept += 1
            continue
        transition(state.content, parent.content, clas, extra)
        key = hash_func(state.content, extra) if hash_func != NULL else 1
        if key > 1 and key in seen:
            continue
        seen.add(key)
        state.score = best.first
        state.loss = parent.loss + beam.costs[i][clas]
        state.t = parent.t + 1
        state.is_done = False  # the slot may have held a finished state
        beam.histories[kept] = history + [clas]
        kept += 1
    return kept


cdef list scores_of(Beam beam):
    """The scores of the analyses, best first."""
    return [beam._states[i].score for i in range(beam.size)]


def _softmax(nums):
    """exp(n) / sum exp(n) for each n, shifted by the largest; [None] stays."""
    if not nums or nums == [None]:
        return nums
    largest = max(nums)
    powers = [exp(n - largest) for n in nums]
    total = sum(powers)
    return [power / total for power in powers]
