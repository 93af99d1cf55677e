# cython: language_level=3
# distutils: language = c++
"""A client that was compiled against our .pxd files, as spaCy is."""

from cymem.cymem cimport Pool

from thinc.backends.cblas cimport CBlas, daxpy, saxpy, set_saxpy, set_sgemm, sgemm
from thinc.backends.linalg cimport Mat, Matrix, Vec, VecVec
from thinc.extra.search cimport Beam, MaxViolation, class_t, hash_func_t, hash_t


def multiply(CBlas cblas, float[:, ::1] A, float[:, ::1] B, float[:, ::1] C, int transA=0, int transB=0,
             float alpha=1.0, float beta=0.0):
    cdef int K = A.shape[0] if transA else A.shape[1]
    with nogil:
        sgemm(cblas)(transA, transB, C.shape[0], C.shape[1], K, alpha, &A[0, 0], A.shape[1],
                     &B[0, 0], B.shape[1], beta, &C[0, 0], C.shape[1])


def add_scaled(CBlas cblas, float alpha, float[::1] X, float[::1] Y, int n, int stepX=1, int stepY=1):
    with nogil:
        saxpy(cblas)(n, alpha, &X[0], stepX, &Y[0], stepY)


def add_scaled_double(CBlas cblas, double alpha, double[::1] X, double[::1] Y):
    with nogil:
        daxpy(cblas)(X.shape[0], alpha, &X[0], 1, &Y[0], 1)


cdef void answer_saxpy(int N, float alpha, const float* X, int incX, float* Y, int incY) noexcept nogil:
    Y[0] = 42


cdef void answer_sgemm(bint transA, bint transB, int M, int N, int K, float alpha, const float* A, int lda,
                       const float* B, int ldb, float beta, float* C, int ldc) noexcept nogil:
    C[0] = 42


def replace_routines(CBlas cblas):
    set_saxpy(cblas, answer_saxpy)
    set_sgemm(cblas, answer_sgemm)


def vec(float[::1] x, float scalar):
    """Every routine on one vector: {name: what it returned or wrote}."""
    cdef int n = x.shape[0]
    cdef float[::1] y = x.copy()
    found = {"arg_max": Vec.arg_max(&x[0], n), "max": Vec.max(&x[0], n), "sum": Vec.sum(&x[0], n),
             "norm": Vec.norm(&x[0], n), "mean": Vec.mean(&x[0], n), "variance": Vec.variance(&x[0], n)}
    Vec.add(&y[0], &x[0], scalar, n)
    found["add"] = list(y)
    Vec.mul(&y[0], &x[0], scalar, n)
    found["mul"] = list(y)
    Vec.pow(&y[0], &x[0], scalar, n)
    found["pow"] = list(y)
    Vec.div(&y[0], &x[0], scalar, n)
    found["div"] = list(y)
    Vec.exp(&y[0], &x[0], n)
    found["exp"] = list(y)
    y = x.copy()
    Vec.add_i(&y[0], scalar, n)
    Vec.mul_i(&y[0], scalar, n)
    Vec.pow_i(&y[0], scalar, n)
    Vec.div_i(&y[0], scalar, n)
    Vec.reciprocal_i(&y[0], n)
    Vec.exp_i(&y[0], n)
    found["in place"] = list(y)
    return found


def vecvec(float[::1] x, float[::1] y, float scale, int[::1] is_valid):
    """Every routine on two vectors: {name: what it returned or wrote}."""
    cdef int n = x.shape[0]
    cdef float[::1] z = x.copy()
    found = {"dot": VecVec.dot(&x[0], &y[0], n), "if_true": VecVec.arg_max_if_true(&x[0], &is_valid[0], n),
             "if_zero": VecVec.arg_max_if_zero(&x[0], &y[0], n)}
    VecVec.add(&z[0], &x[0], &y[0], scale, n)
    found["add"] = list(z)
    VecVec.add_pow(&z[0], &x[0], &y[0], scale, n)
    found["add_pow"] = list(z)
    VecVec.mul(&z[0], &x[0], &y[0], n)
    found["mul"] = list(z)
    z = x.copy()
    VecVec.add_i(&z[0], &y[0], scale, n)
    VecVec.batch_add_i(&z[0], &y[0], scale, n // 2, 2)
    VecVec.add_pow_i(&z[0], &y[0], scale, n)
    VecVec.mul_i(&z[0], &y[0], n)
    found["in place"] = list(z)
    return found


def mat(float[:, ::1] X, float[::1] mean, float[::1] variance, float eps):
    Mat.mean_row(&mean[0], &X[0, 0], X.shape[0], X.shape[1])
    Mat.var_row(&variance[0], &X[0, 0], &mean[0], X.shape[0], X.shape[1], eps)


def matrix_is_empty(Matrix matrix):
    return matrix.data == NULL and matrix.nr_row == matrix.nr_col == 0


# A toy transition system: a state is the number of its steps and the sum of its classes.
cdef struct Toy:
    int steps
    int code


cdef int nr_freed = 0


cdef void* toy_init(Pool mem, int n, void* extra) except NULL:
    cdef Toy* state = <Toy*>mem.alloc(1, sizeof(Toy))
    state.code = n
    return state


cdef int toy_delete(Pool mem, void* state, void* extra) except -1:
    global nr_freed
    assert extra == NULL and (<Toy*>state).steps >= 0
    mem.free(state)
    nr_freed += 1
    return 0


cdef int toy_step(void* dest, void* src, class_t clas, void* extra) except -1:
    if clas == 77:
        raise KeyError("toy_step")
    (<Toy*>dest).steps = (<Toy*>src).steps + 1
    (<Toy*>dest).code = (<Toy*>src).code + <int>clas
    return 0


cdef int toy_is_done(void* state, void* extra) except -1:
    """After `extra` steps, and early once the classes sum to a multiple of 5."""
    cdef Toy* toy = <Toy*>state
    return toy.steps >= (<int*>extra)[0] or (toy.code % 5 == 0 and toy.steps > 0)


cdef hash_t toy_hash(void* state, void* extra) except 0:
    return (<Toy*>state).code + 1


cdef class Search:
    """A search whose scores, validities and costs are looked up at [state's code % nr_row, class]."""

    cdef readonly Beam beam
    cdef int length
    cdef bint use_hash
    cdef float[:, ::1] scores
    cdef float[:, ::1] costs
    cdef int[:, ::1] is_valid

    def __init__(self, width, scores, is_valid, costs, length, min_density=0.0, use_hash=False):
        self.scores, self.is_valid, self.costs = scores, is_valid, costs
        self.length, self.use_hash = length, use_hash
        self.beam = Beam(scores.shape[1], width, min_density)
        self.beam.initialize(toy_init, toy_delete, 0, &self.length)
        self.beam.check_done(toy_is_done, &self.length)

    def advance(self):
        cdef int i, j, row
        cdef hash_func_t hash_func = toy_hash if self.use_hash else <hash_func_t>NULL
        for i in range(self.beam.size):
            row = (<Toy*>self.beam.at(i)).code % self.scores.shape[0]
            if i % 2:
                self.beam.set_row(i, &self.scores[row, 0], &self.is_valid[row, 0], &self.costs[row, 0])
                continue
            for j in range(self.scores.shape[1]):
                self.beam.set_cell(i, j, self.scores[row, j], self.is_valid[row, j], self.costs[row, j])
        self.beam.advance(toy_step, hash_func, &self.length)
        self.beam.check_done(toy_is_done, &self.length)

    def states(self):
        """What spaCy's parser reads through the fields: one tuple for each state."""
        cdef Beam beam = self.beam
        return [
            (
                list(beam.histories[i]),
                beam._states[i].score,
                beam._states[i].loss,
                beam._states[i].t,
                bool(beam._states[i].is_done),
                (<Toy*>beam.at(i)).steps,
                (<Toy*>beam.at(i)).code,
            )
            for i in range(beam.size)
        ]

    def tables_are_clear(self):
        cdef Beam beam = self.beam
        return not any(
            beam.scores[i][j] or beam.costs[i][j] or beam.is_valid[i][j]
            for i in range(beam.width) for j in range(beam.nr_class)
        )


def set_table_then_read(Beam beam, float[:, ::1] scores):
    """Give the table in rows, and read it back; nr_class and width are scores' shape, at most 8 rows."""
    cdef float* rows[8]
    cdef int* valid_rows[8]
    cdef int is_valid[64]
    cdef int i, j
    for i in range(64):
        is_valid[i] = i
    for i in range(beam.width):
        rows[i] = &scores[i, 0]
        valid_rows[i] = is_valid + i * beam.nr_class
    beam.set_table(rows, valid_rows, rows)
    return [(beam.scores[i][j], beam.is_valid[i][j], beam.costs[i][j])
            for i in range(beam.width) for j in range(beam.nr_class)]


def violation_fields(MaxViolation violation):
    return violation.cost, violation.delta


def count_freed():
    """How many states were freed since the last call."""
    global nr_freed
    count, nr_freed = nr_freed, 0
    return count
