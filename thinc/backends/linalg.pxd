# Small vector routines that compiled clients such as spaCy's parser inline into their own code.
#
# Compatibility: names, sizes and the presence of the method tables are part of the binary interface of spaCy's
# wheels.  Every routine is a loop over `nr` floats; `x`, `y` and outputs don't overlap, `_i` means in place.

cimport cython
from libc.math cimport exp, pow, sqrt

ctypedef float weight_t


cdef class Matrix:
    cdef object mem
    cdef weight_t* data
    cdef int nr_row
    cdef int nr_col


cdef class Vec:
    @staticmethod
    cdef inline int arg_max(const weight_t* scores, const int n_classes) noexcept nogil:
        """The index of the first maximum; of two equal classes alone, the second."""
        cdef int i, best = 0
        if n_classes == 2:
            return 0 if scores[0] > scores[1] else 1
        for i in range(1, n_classes):
            if scores[i] > scores[best]:
                best = i
        return best

    @staticmethod
    cdef inline weight_t max(const weight_t* x, int nr) noexcept nogil:
        """The maximum; 0 if there is none."""
        cdef int i
        cdef weight_t best = x[0] if nr > 0 else 0
        for i in range(1, nr):
            if x[i] > best:
                best = x[i]
        return best

    @staticmethod
    cdef inline weight_t sum(const weight_t* vec, int nr) noexcept nogil:
        cdef int i
        cdef weight_t total = 0
        for i in range(nr):
            total += vec[i]
        return total

    @staticmethod
    cdef inline weight_t norm(const weight_t* vec, int nr) noexcept nogil:
        """The Euclidean norm."""
        return <weight_t>sqrt(VecVec.dot(vec, vec, nr))

    @staticmethod
    cdef inline void add(weight_t* output, const weight_t* x, weight_t inc, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = x[i] + inc

    @staticmethod
    cdef inline void add_i(weight_t* vec, weight_t inc, int nr) noexcept nogil:
        Vec.add(vec, vec, inc, nr)

    @staticmethod
    cdef inline void mul(weight_t* output, const weight_t* vec, weight_t scal, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = vec[i] * scal

    @staticmethod
    cdef inline void mul_i(weight_t* vec, weight_t scal, int nr) noexcept nogil:
        Vec.mul(vec, vec, scal, nr)

    @staticmethod
    cdef inline void pow(weight_t* output, const weight_t* vec, weight_t scal, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = <weight_t>pow(vec[i], scal)

    @staticmethod
    cdef inline void pow_i(weight_t* vec, weight_t scal, int nr) noexcept nogil:
        Vec.pow(vec, vec, scal, nr)

    @staticmethod
    @cython.cdivision(True)
    cdef inline void div(weight_t* output, const weight_t* vec, weight_t scal, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = vec[i] / scal

    @staticmethod
    cdef inline void div_i(weight_t* vec, weight_t scal, int nr) noexcept nogil:
        Vec.div(vec, vec, scal, nr)

    @staticmethod
    cdef inline void exp(weight_t* output, const weight_t* vec, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = <weight_t>exp(vec[i])

    @staticmethod
    cdef inline void exp_i(weight_t* vec, int nr) noexcept nogil:
        Vec.exp(vec, vec, nr)

    @staticmethod
    @cython.cdivision(True)
    cdef inline void reciprocal_i(weight_t* vec, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            vec[i] = 1.0 / vec[i]

    @staticmethod
    @cython.cdivision(True)
    cdef inline weight_t mean(const weight_t* X, int nr) noexcept nogil:
        return Vec.sum(X, nr) / nr

    @staticmethod
    @cython.cdivision(True)
    cdef inline weight_t variance(const weight_t* X, int nr) noexcept nogil:
        """The mean squared distance from the mean (Welford 1962), nr >= 1."""
        cdef int i
        cdef double mean = 0, squares = 0, distance
        for i in range(nr):
            distance = X[i] - mean
            mean += distance / (i + 1)
            squares += distance * (X[i] - mean)
        return <weight_t>(squares / nr)


cdef class VecVec:
    @staticmethod
    cdef inline void add(weight_t* output, const weight_t* x, const weight_t* y,
                         weight_t scale, int nr) noexcept nogil:
        """output = x + scale * y."""
        cdef int i
        for i in range(nr):
            output[i] = x[i] + y[i] * scale

    @staticmethod
    cdef inline void add_i(weight_t* x, const weight_t* y, weight_t scale, int nr) noexcept nogil:
        VecVec.add(x, x, y, scale, nr)

    @staticmethod
    cdef inline void batch_add_i(weight_t* x, const weight_t* y, weight_t scale,
                                 int nr, int nr_batch) noexcept nogil:
        """Add scale * y to each of nr_batch rows of x."""
        cdef int i
        for i in range(nr_batch):
            VecVec.add_i(x + <Py_ssize_t>i * nr, y, scale, nr)

    @staticmethod
    cdef inline void add_pow(weight_t* output, const weight_t* x, const weight_t* y,
                             weight_t power, int nr) noexcept nogil:
        """output = x + y ** power."""
        cdef int i
        for i in range(nr):
            output[i] = x[i] + <weight_t>pow(y[i], power)

    @staticmethod
    cdef inline void add_pow_i(weight_t* x, const weight_t* y, weight_t power, int nr) noexcept nogil:
        VecVec.add_pow(x, x, y, power, nr)

    @staticmethod
    cdef inline void mul(weight_t* output, const weight_t* x, const weight_t* y, int nr) noexcept nogil:
        cdef int i
        for i in range(nr):
            output[i] = x[i] * y[i]

    @staticmethod
    cdef inline void mul_i(weight_t* x, const weight_t* y, int nr) noexcept nogil:
        VecVec.mul(x, x, y, nr)

    @staticmethod
    cdef inline weight_t dot(const weight_t* x, const weight_t* y, int nr) noexcept nogil:
        cdef int i
        cdef weight_t total = 0
        for i in range(nr):
            total += x[i] * y[i]
        return total

    @staticmethod
    cdef inline int arg_max_if_true(const weight_t* scores, const int* is_valid,
                                    const int n_classes) noexcept nogil:
        """The index of the first maximum among the valid classes; -1 if none is valid."""
        cdef int i, best = -1
        for i in range(n_classes):
            if is_valid[i] and (best == -1 or scores[i] > scores[best]):
                best = i
        return best

    @staticmethod
    cdef inline int arg_max_if_zero(const weight_t* scores, const weight_t* costs,
                                    const int n_classes) noexcept nogil:
        """The index of the first maximum among the classes that cost nothing; -1 if each costs something."""
        cdef int i, best = -1
        for i in range(n_classes):
            if costs[i] == 0 and (best == -1 or scores[i] > scores[best]):
                best = i
        return best


cdef class Mat:
    @staticmethod
    @cython.cdivision(True)
    cdef inline void mean_row(weight_t* Ex, const weight_t* mat, int nr_row, int nr_col) noexcept nogil:
        """Ex[j] = the mean of column j.  mat: (nr_row, nr_col), nr_row >= 1.  Ex: (nr_col,)."""
        cdef int i
        Vec.mul(Ex, mat, 1.0, nr_col)
        for i in range(1, nr_row):
            VecVec.add_i(Ex, mat + <Py_ssize_t>i * nr_col, 1.0, nr_col)
        Vec.mul_i(Ex, 1.0 / nr_row, nr_col)

    @staticmethod
    @cython.cdivision(True)
    cdef inline void var_row(weight_t* Vx, const weight_t* mat, const weight_t* Ex,
                             int nr_row, int nr_col, weight_t eps) noexcept nogil:
        """Vx[j] = the mean squared distance of column j from Ex[j], plus eps."""
        cdef int i, j
        Vec.mul(Vx, Ex, 0.0, nr_col)
        for i in range(nr_row):
            for j in range(nr_col):
                Vx[j] += (mat[<Py_ssize_t>i * nr_col + j] - Ex[j]) ** 2
        for j in range(nr_col):
            Vx[j] = Vx[j] / nr_row + eps
