# The LSTM through time; the Python side has checked the sizes of the steps.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass Walk[T]:
        const Py_ssize_t* steps
        size_t nS, nB, nH
        const T* Wh
        const T* h0
        const T* c0
        T* gates
        T* cells
        T* hidden
        Py_ssize_t gap
    cdef cppclass WalkBack[T]:
        const Py_ssize_t* steps
        size_t nS, nB, nH
        const T* Wh
        const T* h0
        const T* c0
        const T* gates
        const T* cells
        const T* hidden
        const T* dH
        Py_ssize_t gap
        T* dA
        T* previous
    cdef cppclass RecurrentTable[T]:
        bint (*walk)(const Walk[T]& walk) noexcept
        bint (*walk_back)(const WalkBack[T]& walk) noexcept
    RecurrentTable[float] recurrent32 "thinc::table.f32.recurrent"
    RecurrentTable[double] recurrent64 "thinc::table.f64.recurrent"


cdef bint is_rows(object X, int dtype, Py_ssize_t rows, Py_ssize_t columns) noexcept:
    """Is X a matrix of this dtype and shape whose rows are contiguous?"""
    if not is_matrix(X, dtype) or shape_of(X)[0] != rows or shape_of(X)[1] != columns:
        return False
    return columns <= 1 or strides_of(X)[1] == (4 if dtype == F32 else 8)


cdef bint is_vector(object X, int dtype, Py_ssize_t n) noexcept:
    return floats(X) == dtype and <Py_ssize_t>size_of(X) == n


cdef Py_ssize_t largest_step(cnp.ndarray steps, Py_ssize_t rows) except -2:
    """The rows of the largest step; -1 if a step lies outside of the rows."""
    cdef Py_ssize_t* step = <Py_ssize_t*>data_of(steps)
    cdef Py_ssize_t i, most = 0
    for i in range(shape_of(steps)[0]):
        if step[2 * i] < 0 or step[2 * i + 1] < step[2 * i] or step[2 * i + 1] > rows:
            return -1
        most = max(most, step[2 * i + 1] - step[2 * i])
    return most


cdef bint walks(object steps, object Wh, object h0, object c0, int dtype) noexcept:
    """Do the steps, the weights and the initial state fit together?"""
    if not is_array(steps) or not is_behaved(steps) or type_of(steps) != cnp.NPY_INT64 or ndim_of(steps) != 2:
        return False
    if floats(Wh) != dtype or ndim_of(Wh) != 2 or shape_of(Wh)[0] != 4 * shape_of(Wh)[1]:
        return False
    return is_vector(h0, dtype, shape_of(Wh)[1]) and is_vector(c0, dtype, shape_of(Wh)[1])


cdef bint walk_numbers(real* tag, Walk[real]* w, cnp.ndarray Wh, cnp.ndarray h0, cnp.ndarray c0, cnp.ndarray gates,
                       object cells, cnp.ndarray hidden):
    cdef bint done
    w.Wh, w.h0, w.c0 = <real*>data_of(Wh), <real*>data_of(h0), <real*>data_of(c0)
    w.gates, w.hidden = <real*>data_of(gates), <real*>data_of(hidden)
    w.cells = NULL
    if cells is not None:
        w.cells = <real*>data_of(cells)
    w.gap = strides_of(hidden)[0] // sizeof(real)
    cdef PyThreadState* state = release(size_of(gates) * 8)
    if real is float:
        done = recurrent32.walk(w[0])
    else:
        done = recurrent64.walk(w[0])
    regain(state)
    return done


def lstm_walk(steps, Wh, h0, c0, gates, cells, hidden):
    """Turn what goes into the gates into what comes out; write the cells, unless None, and the hidden states."""
    cdef int dtype = floats(gates)
    if dtype == OTHER or not walks(steps, Wh, h0, c0, dtype):
        return NotImplemented
    cdef Py_ssize_t nH = shape_of(Wh)[1], rows = size_of(gates) // (4 * nH) if nH else 0
    if ndim_of(gates) != 2 or shape_of(gates)[1] != 4 * nH or not is_rows(hidden, dtype, rows, nH):
        return NotImplemented
    if cells is not None and (not is_vector(cells, dtype, rows * nH) or not is_writeable(cells)):
        return NotImplemented
    cdef Py_ssize_t most = largest_step(steps, rows)
    if most < 0 or not is_writeable(gates) or not is_writeable(hidden):
        return NotImplemented
    cdef Walk[float] f
    cdef Walk[double] d
    f.steps, f.nS, f.nB, f.nH = <Py_ssize_t*>data_of(steps), shape_of(steps)[0], most, nH
    d.steps, d.nS, d.nB, d.nH = f.steps, f.nS, f.nB, f.nH
    if dtype == F32:
        done = walk_numbers[float](NULL, &f, Wh, h0, c0, gates, cells, hidden)
    else:
        done = walk_numbers[double](NULL, &d, Wh, h0, c0, gates, cells, hidden)
    if not done:
        raise MemoryError("lstm: no memory for a copy of the weights")
    return True


cdef bint walk_back_numbers(real* tag, WalkBack[real]* w, cnp.ndarray Wh, cnp.ndarray h0, cnp.ndarray c0,
                            cnp.ndarray dH, cnp.ndarray H, cnp.ndarray G, cnp.ndarray C, cnp.ndarray dA,
                            cnp.ndarray previous):
    cdef bint done
    w.Wh, w.h0, w.c0 = <real*>data_of(Wh), <real*>data_of(h0), <real*>data_of(c0)
    w.hidden, w.gates, w.cells = <real*>data_of(H), <real*>data_of(G), <real*>data_of(C)
    w.dH, w.dA, w.previous = <real*>data_of(dH), <real*>data_of(dA), <real*>data_of(previous)
    w.gap = strides_of(dH)[0] // sizeof(real)
    cdef PyThreadState* state = release(size_of(G) * 8)
    if real is float:
        done = recurrent32.walk_back(w[0])
    else:
        done = recurrent64.walk_back(w[0])
    regain(state)
    return done


def lstm_walk_back(steps, Wh, h0, c0, dH, H, G, C):
    """(dA, H_prev): the gradient of what goes into the gates, and the hidden states one step earlier."""
    cdef int dtype = floats(G)
    if dtype == OTHER or not walks(steps, Wh, h0, c0, dtype):
        return NotImplemented
    cdef Py_ssize_t nH = shape_of(Wh)[1], rows = size_of(G) // (4 * nH) if nH else 0
    if ndim_of(G) != 2 or shape_of(G)[1] != 4 * nH or not is_rows(dH, dtype, rows, nH):
        return NotImplemented
    if not is_vector(H, dtype, rows * nH) or not is_vector(C, dtype, rows * nH):
        return NotImplemented
    cdef Py_ssize_t most = largest_step(steps, rows)
    if most < 0:
        return NotImplemented
    cdef cnp.ndarray dA = empty_like(G), previous = new_matrix(rows, nH, dtype)
    cdef WalkBack[float] f
    cdef WalkBack[double] d
    f.steps, f.nS, f.nB, f.nH = <Py_ssize_t*>data_of(steps), shape_of(steps)[0], most, nH
    d.steps, d.nS, d.nB, d.nH = f.steps, f.nS, f.nB, f.nH
    if dtype == F32:
        done = walk_back_numbers[float](NULL, &f, Wh, h0, c0, dH, H, G, C, dA, previous)
    else:
        done = walk_back_numbers[double](NULL, &d, Wh, h0, c0, dH, H, G, C, dA, previous)
    if not done:
        raise MemoryError("backprop_lstm: no memory for a copy of the weights")
    return dA, previous
