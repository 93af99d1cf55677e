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
    TrainingTable[float] training32 "thinc::table.f32.training"
    TrainingTable[double] training64 "thinc::table.f64.training"

RULE_NUMBERS = {"sgd": SGD, "adam": ADAM, "first_moment": FIRST_MOMENT}


cdef bint is_target(object X, int dtype, size_t n) noexcept:
    """Is X a writable dense array of n numbers?"""
    return floats(X) == dtype and <size_t>size_of(X) == n and is_writeable(X)


cdef int read_step(tuple row, Step[double]* s) except -2:
    """The dtype of a row whose arrays are all right, else OTHER; fills the step with their addresses."""
    w, g, m1, m2, average, rule, clip, L2, before, after, beta1, beta2, rate, eps, follow = row
    cdef int dtype = floats(w)
    if dtype == OTHER:
        return OTHER
    s.n = size_of(w)
    s.rule = RULE_NUMBERS[rule]
    if not is_target(w, dtype, s.n) or not is_target(g, dtype, s.n):
        return OTHER
    s.w, s.g = <double*>data_of(w), <double*>data_of(g)
    s.m1 = s.m2 = s.average = NULL
    if s.rule != SGD:
        if not is_target(m1, dtype, s.n) or not is_target(m2, dtype, s.n):
            return OTHER
        s.m1, s.m2 = <double*>data_of(m1), <double*>data_of(m2)
    if average is not None:
        if not is_target(average, dtype, s.n):
            return OTHER
        s.average = <double*>data_of(average)
    s.clip, s.L2, s.before, s.after, s.beta1, s.beta2 = clip, L2, before, after, beta1, beta2
    s.rate, s.eps, s.follow = rate, eps, follow
    return dtype


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
    cdef Step[double]* steps = <Step[double]*>malloc((n + 1) * sizeof(Step[double]))
    cdef int* dtypes = <int*>malloc((n + 1) * sizeof(int))
    cdef PyThreadState* state
    try:
        if steps == NULL or dtypes == NULL:
            raise MemoryError("step_weights: no memory for the list of parameters")
        for i in range(n):
            dtypes[i] = read_step(rows[i], &steps[i])
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
