# Optimizers: all parameters of a model in one call.

from libc.stdlib cimport free, malloc

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef enum Rule:
        SGD, ADAM, FIRST_MOMENT
    cdef cppclass Step[T]:
        T* w
        T* g
        T* m1
        T* m2
        T* average
        size_t n
        int rule
        double clip, L2, before, after, beta1, beta2, rate, eps, follow
    cdef cppclass TrainingTable[T]:
        void (*step)(const Step[T]& step) noexcept
        void (*clip)(T* gradient, size_t n, double limit) noexcept
        void (*follow)(T* average, const T* w, size_t n, double share) noexcept
        void (*log_loss)(const T* y, const T* p, T* loss, size_t n) noexcept
    TrainingTable[float] training32 "thinc::table.f32.training"
    TrainingTable[double] training64 "thinc::table.f64.training"

RULE_NUMBERS = {"sgd": SGD, "adam": ADAM, "first_moment": FIRST_MOMENT}


cdef bint is_target(object X, int dtype, size_t n) noexcept:
    """Is X a writable dense array of n numbers?"""
    return floats(X) == dtype and <size_t>size_of(X) == n and is_writeable(X)


cdef int read_numbers(tuple numbers, Step[double]* s) except -1:
    """Fill the step with all that is no array; gives the rule."""
    rule, clip, L2, before, after, beta1, beta2, rate, eps, follow = numbers
    s.rule = RULE_NUMBERS[rule]
    s.clip, s.L2, s.before, s.after, s.beta1, s.beta2 = clip, L2, before, after, beta1, beta2
    s.rate, s.eps, s.follow = rate, eps, follow
    return s.rule


cdef int read_arrays(tuple row, int rule, Step[double]* s) except -2:
    """The dtype of a row whose arrays are all right, else OTHER; fills the step with their addresses."""
    w, g, m1, m2, average, _ = row
    cdef int dtype = floats(w)
    if dtype == OTHER:
        return OTHER
    s.n = size_of(w)
    if not is_target(w, dtype, s.n) or not is_target(g, dtype, s.n):
        return OTHER
    s.w, s.g = <double*>data_of(w), <double*>data_of(g)
    s.m1 = s.m2 = s.average = NULL
    if rule != SGD:
        if not is_target(m1, dtype, s.n) or not is_target(m2, dtype, s.n):
            return OTHER
        s.m1, s.m2 = <double*>data_of(m1), <double*>data_of(m2)
    if average is not None:
        if not is_target(average, dtype, s.n):
            return OTHER
        s.average = <double*>data_of(average)
    return dtype


def is_ready(tuple row):
    """Can `step_weights` do this row, in which there is at least one weight?"""
    cdef Step[double] s
    numbers = row[5]
    if numbers is None or read_arrays(row, RULE_NUMBERS[(<tuple>numbers)[0]], &s) == OTHER:
        return False
    return s.n > 0


cdef void step32(const Step[double]* d) noexcept nogil:
    """The step of a row of float32, whose addresses stand in a record for double."""
    cdef Step[float] s
    s.w, s.g, s.m1, s.m2, s.average = <float*>d.w, <float*>d.g, <float*>d.m1, <float*>d.m2, <float*>d.average
    s.n, s.rule, s.clip, s.L2, s.before, s.after = d.n, d.rule, d.clip, d.L2, d.before, d.after
    s.beta1, s.beta2, s.rate, s.eps, s.follow = d.beta1, d.beta2, d.rate, d.eps, d.follow
    training32.step(s)


def step_weights(list rows):
    """Run all steps, or none if there is one whose arrays don't fit."""
    cdef size_t i, work = 0, n = len(rows)
    cdef Step[double] common
    cdef object last = None, numbers
    cdef Step[double]* steps = <Step[double]*>malloc((n + 1) * sizeof(Step[double]))
    cdef int* dtypes = <int*>malloc((n + 1) * sizeof(int))
    cdef PyThreadState* state
    try:
        if steps == NULL or dtypes == NULL:
            raise MemoryError("step_weights: no memory for the list of parameters")
        for i in range(n):
            numbers = (<tuple>rows[i])[5]
            if numbers is not last:  # most rows have the same ones
                last = numbers
                read_numbers(numbers, &common)
            steps[i] = common
            dtypes[i] = read_arrays(rows[i], common.rule, &steps[i])
            if dtypes[i] == OTHER:
                return NotImplemented
            work += 2 * steps[i].n
        state = release(work)
        for i in range(n):
            if dtypes[i] == F32:
                step32(&steps[i])
            else:
                training64.step(steps[i])
        regain(state)
        return True
    finally:
        free(steps)
        free(dtypes)


def adam(weights, gradient, mom1, mom2, double beta1, double beta2, double eps, double learn_rate, double mod_rate):
    """One step in place; mod_rate is taken out of the division: (η/c) · m1 / (√m2 + ε/c)."""
    cdef int dtype = floats(weights)
    cdef Step[double] s
    cdef PyThreadState* state
    if dtype == OTHER or not alike(weights, gradient) or not alike(weights, mom1) or not alike(weights, mom2):
        return NotImplemented
    if not mod_rate > 0 or not are_apart((weights, gradient, mom1, mom2)):
        return NotImplemented
    s.w, s.g, s.m1, s.m2 = <double*>data_of(weights), <double*>data_of(gradient), <double*>data_of(mom1), <double*>data_of(mom2)
    s.average = NULL
    s.n, s.rule, s.clip, s.L2, s.before, s.after, s.follow = size_of(weights), ADAM, 0, 0, 0, 0, 0
    s.beta1, s.beta2, s.rate, s.eps = beta1, beta2, learn_rate / mod_rate, eps / mod_rate
    state = release(2 * s.n)
    if dtype == F32:
        step32(&s)
    else:
        training64.step(s)
    regain(state)
    return weights, gradient, mom1, mom2


cdef bint are_apart(tuple arrays):
    """Can all be written, without one write being seen through another?"""
    cdef Py_ssize_t i, j
    for i in range(len(arrays)):
        if not is_writeable(arrays[i]):
            return False
        for j in range(i):
            if share_memory(arrays[i], arrays[j]):
                return False
    return True


def clip_gradient(gradient, double threshold):
    cdef int dtype = floats(gradient)
    if dtype == OTHER or not is_writeable(gradient):
        return NotImplemented
    cdef size_t n = size_of(gradient)
    cdef PyThreadState* state = release(n >> 2)
    if dtype == F32:
        training32.clip(<float*>data_of(gradient), n, threshold)
    else:
        training64.clip(<double*>data_of(gradient), n, threshold)
    regain(state)
    return gradient


def update_averages(ema, weights, double t, double max_decay):
    cdef int dtype = floats(ema)
    if dtype == OTHER or not alike(ema, weights) or not is_writeable(ema) or overlap(ema, weights):
        return NotImplemented
    cdef double share = 1.0 - min((1.0 + t) / (10.0 + t), max_decay)
    cdef size_t n = size_of(ema)
    cdef PyThreadState* state = release(n >> 2)
    if dtype == F32:
        training32.follow(<float*>data_of(ema), <float*>data_of(weights), n, share)
    else:
        training64.follow(<double*>data_of(ema), <double*>data_of(weights), n, share)
    regain(state)


def logloss(y_true, y_pred):
    cdef int dtype = floats(y_true)
    if dtype == OTHER or not alike(y_true, y_pred):
        return NotImplemented
    cdef cnp.ndarray loss = empty_like(y_true)
    cdef size_t n = size_of(loss)
    cdef PyThreadState* state = release(n)
    if dtype == F32:
        training32.log_loss(<float*>data_of(y_true), <float*>data_of(y_pred), <float*>data_of(loss), n)
    else:
        training64.log_loss(<double*>data_of(y_true), <double*>data_of(y_pred), <double*>data_of(loss), n)
    regain(state)
    return loss
