# Matrix products: operands may have any strides; what is written is dense.

cdef extern from "_cpu_dispatch.hh" namespace "thinc" nogil:
    cdef cppclass Product[T]:
        T* C
        Py_ssize_t ldc
        const T* A
        Py_ssize_t ars, acs
        const T* B
        Py_ssize_t brs, bcs
        size_t M, N, K
        const T* bias
        bint add
        void (*finish)(const T* Z, T* Y, size_t n, const double* options) noexcept
        T* Y
        const double* options
    cdef cppclass MaxoutProduct[T]:
        T* Y
        int* which
        const T* X
        Py_ssize_t xrs, xcs
        const T* W
        const T* b
        size_t M, nO, nP, nI
    cdef cppclass WindowProduct[T]:
        MaxoutProduct[T] maxout
        const T* G
        const T* shift
        T epsilon
        size_t nW
    cdef cppclass MaxoutGradient[T]:
        const T* dY
        const int* which
        const T* X
        Py_ssize_t xrs
        const T* W
        T* dW
        T* db
        T* dX
        size_t M, nO, nP, nI
    cdef cppclass LinearTable[T]:
        bint (*gemm)(const Product[T]& product) noexcept
        bint (*maxout)(const MaxoutProduct[T]& product) noexcept
        bint (*predict_maxout)(const MaxoutProduct[T]& product) noexcept
        bint (*encode_windows)(const WindowProduct[T]& product) noexcept
        bint (*backprop_maxout)(const MaxoutGradient[T]& gradient) noexcept
        bint (*are_below)(const int* numbers, size_t n, int limit) noexcept
        void (*add_column_sums)(const T* X, T* sums, size_t rows, size_t columns) noexcept
    LinearTable[float] linear32 "thinc::table.f32.linear"
    LinearTable[double] linear64 "thinc::table.f64.linear"

ctypedef fused real:
    float
    double


# A matrix with strides in numbers.
cdef struct Matrix:
    void* data
    Py_ssize_t rows, columns, rs, cs


cdef inline bint is_matrix(object X, int dtype) noexcept:
    """Is X a NumPy matrix of this dtype, whose strides are whole numbers of elements?"""
    cdef cnp.npy_intp size = 4 if dtype == F32 else 8
    if not is_array(X) or type_of(<cnp.ndarray>X) != dtype or ndim_of(<cnp.ndarray>X) != 2:
        return False
    if not is_aligned(<cnp.ndarray>X) or not is_native(<cnp.ndarray>X):
        return False
    return strides_of(<cnp.ndarray>X)[0] % size == 0 and strides_of(<cnp.ndarray>X)[1] % size == 0


cdef inline int float_of(object X) noexcept:
    """F32 or F64 for a NumPy array of such numbers, whatever its layout, else OTHER."""
    if not is_array(X):
        return OTHER
    cdef int dtype = type_of(<cnp.ndarray>X)
    return dtype if dtype == F32 or dtype == F64 else OTHER


cdef inline Matrix view(cnp.ndarray X, bint transposed) noexcept:
    cdef Matrix m
    cdef cnp.npy_intp* shape = shape_of(X)
    cdef cnp.npy_intp* strides = strides_of(X)
    cdef Py_ssize_t size = 4 if type_of(X) == F32 else 8
    cdef int i = 1 if transposed else 0
    m.data = data_of(X)
    m.rows, m.columns = shape[i], shape[1 - i]
    m.rs, m.cs = strides[i] // size, strides[1 - i] // size
    return m


cdef inline Matrix dense(void* data, Py_ssize_t rows, Py_ssize_t columns) noexcept:
    cdef Matrix m
    m.data, m.rows, m.columns, m.rs, m.cs = data, rows, columns, columns, 1
    return m


cdef inline Matrix turned(Matrix m) noexcept:
    """The transposed matrix."""
    cdef Matrix t
    t.data, t.rows, t.columns, t.rs, t.cs = m.data, m.columns, m.rows, m.cs, m.rs
    return t


cdef inline cnp.ndarray new_matrix(Py_ssize_t rows, Py_ssize_t columns, int dtype):
    cdef cnp.npy_intp[2] shape = [rows, columns]
    return new_array(2, shape, dtype, False)


cdef bint may_share(cnp.ndarray X, cnp.ndarray Y) noexcept:
    """Could two arrays of any layout have a byte in common?"""
    cdef char* x[2]
    cdef char* y[2]
    extent(X, x)
    extent(Y, y)
    return x[0] < y[1] and y[0] < x[1]


cdef void extent(cnp.ndarray X, char** ends) noexcept:
    """The first byte of an array, and the first one after it."""
    cdef int i
    cdef cnp.npy_intp reach
    ends[0] = <char*>data_of(X)
    ends[1] = ends[0] + (4 if type_of(X) == F32 else 8)
    for i in range(ndim_of(X)):
        if shape_of(X)[i] == 0:
            ends[1] = ends[0]
            return
        reach = (shape_of(X)[i] - 1) * strides_of(X)[i]
        if reach < 0:
            ends[0] += reach
        else:
            ends[1] += reach


cdef bint multiply(real* C, Matrix A, Matrix B, const real* bias, bint add, int function, real* Y,
                   const double* options) noexcept nogil:
    """C (+)= A · B + bias, and Y = function(C) unless that is -1.  C: dense.  False: no memory."""
    cdef Product[real] p
    p.C, p.ldc, p.M, p.N, p.K = C, B.columns, A.rows, B.columns, A.columns
    p.A, p.ars, p.acs = <const real*>A.data, A.rs, A.cs
    p.B, p.brs, p.bcs = <const real*>B.data, B.rs, B.cs
    p.bias, p.add, p.Y, p.options = bias, add, Y, options
    p.finish = NULL
    if real is float:
        if function >= 0:
            p.finish = activation32.forward[function]
        return linear32.gemm(p)
    else:
        if function >= 0:
            p.finish = activation64.forward[function]
        return linear64.gemm(p)


cdef object product(int dtype, cnp.ndarray C, Matrix A, Matrix B, void* bias, bint add, int function=-1,
                    cnp.ndarray Y=None, const double* options=NULL):
    """`multiply` for arrays; gives the array that holds the result."""
    cdef void* c = data_of(C)
    cdef void* y = NULL if Y is None else data_of(Y)
    cdef bint done
    # 16 multiplications take as long as one step of a cheap loop.
    cdef PyThreadState* state = release(<size_t>(A.rows * A.columns * B.columns) >> 4)
    if dtype == F32:
        done = multiply[float](<float*>c, A, B, <const float*>bias, add, function, <float*>y, options)
    else:
        done = multiply[double](<double*>c, A, B, <const double*>bias, add, function, <double*>y, options)
    regain(state)
    if not done:
        raise MemoryError("gemm: no memory for a copy of the matrices")
    return C if Y is None else Y


def gemm(x, y, out=None, bint trans1=False, bint trans2=False):
    """op(x) · op(y), into `out` if given."""
    cdef int dtype = float_of(x)
    if dtype == OTHER or not is_matrix(x, dtype) or not is_matrix(y, dtype):
        return NotImplemented
    cdef Matrix A = view(x, trans1)
    cdef Matrix B = view(y, trans2)
    if A.columns != B.rows:
        return NotImplemented
    if out is None:
        return product(dtype, new_matrix(A.rows, B.columns, dtype), A, B, NULL, False)
    if not is_matrix(out, dtype) or not is_writeable(out):
        return NotImplemented
    if shape_of(out)[0] != A.rows or shape_of(out)[1] != B.columns:
        return NotImplemented
    if is_behaved(out) and not may_share(out, x) and not may_share(out, y):
        return product(dtype, out, A, B, NULL, False)
    out[...] = product(dtype, new_matrix(A.rows, B.columns, dtype), A, B, NULL, False)
    return out


cdef int affine_dtype(object X, object W, object b) noexcept:
    """The dtype of X · Wᵀ + b where all three fit together, else OTHER.  W may have three axes."""
    cdef int dtype = floats(W)
    if dtype == OTHER or not is_matrix(X, dtype) or floats(b) != dtype or ndim_of(<cnp.ndarray>W) < 2:
        return OTHER
    cdef cnp.npy_intp nI = shape_of(<cnp.ndarray>W)[ndim_of(<cnp.ndarray>W) - 1]
    if shape_of(<cnp.ndarray>X)[1] != nI or size_of(<cnp.ndarray>b) * nI != <cnp.npy_intp>size_of(<cnp.ndarray>W):
        return OTHER
    if nI == 0 or ndim_of(<cnp.ndarray>b) != ndim_of(<cnp.ndarray>W) - 1:
        return OTHER
    return dtype


def affine(X, W, b):
    """X · Wᵀ + b."""
    cdef int dtype = affine_dtype(X, W, b)
    if dtype == OTHER or ndim_of(W) != 2:
        return NotImplemented
    cdef cnp.ndarray Y = new_matrix(shape_of(X)[0], shape_of(W)[0], dtype)
    return product(dtype, Y, view(X, False), view(W, True), data_of(b), False)


def activated_affine(X, W, b, str name, bint keep):
    """(f(Z), Z if `keep` else None) with Z = X · Wᵀ + b; f has no options but mish's threshold of 20."""
    cdef int dtype = affine_dtype(X, W, b)
    cdef int function = FUNCTIONS.get(name, -1)
    cdef double[4] options = [0, 0, 0, 20.0]
    if dtype == OTHER or ndim_of(W) != 2 or function < 0:
        return NotImplemented
    cdef cnp.ndarray Z = new_matrix(shape_of(X)[0], shape_of(W)[0], dtype)
    cdef cnp.ndarray Y = new_matrix(shape_of(X)[0], shape_of(W)[0], dtype) if keep else Z
    product(dtype, Z, view(X, False), view(W, True), data_of(b), False, function, Y, options)
    return Y, (Z if keep else None)


FUNCTIONS = {
    "relu": RELU, "sigmoid": SIGMOID, "swish": SWISH, "dish": DISH, "gelu": GELU, "gelu_approx": GELU_APPROX,
    "hard_swish": HARD_SWISH, "hard_swish_mobilenet": HARD_SWISH_MOBILENET, "mish": MISH,
}


cdef int gradient_dtype(object dZ, object X, object W, object dW, object db) noexcept:
    """The dtype of the gradients of an affine layer where all arrays fit together, else OTHER."""
    cdef int dtype = floats(dZ)
    if dtype == OTHER or ndim_of(<cnp.ndarray>dZ) != 2 or not is_matrix(X, dtype) or floats(W) != dtype:
        return OTHER
    cdef Py_ssize_t nO = shape_of(<cnp.ndarray>dZ)[1], nI = shape_of(<cnp.ndarray>X)[1]
    if shape_of(<cnp.ndarray>dZ)[0] != shape_of(<cnp.ndarray>X)[0]:
        return OTHER
    if shape_of(<cnp.ndarray>W)[ndim_of(<cnp.ndarray>W) - 1] != nI or <Py_ssize_t>size_of(<cnp.ndarray>W) != nO * nI:
        return OTHER
    if not alike(W, dW) or not is_writeable(<cnp.ndarray>dW):
        return OTHER
    if floats(db) != dtype or not is_writeable(<cnp.ndarray>db) or <Py_ssize_t>size_of(<cnp.ndarray>db) != nO:
        return OTHER
    if share_memory(dW, dZ) or share_memory(dW, W) or may_share(dW, X):
        return OTHER
    return dtype


cdef object spread(int dtype, cnp.ndarray dZ, cnp.ndarray X, cnp.ndarray W, cnp.ndarray dW, cnp.ndarray db):
    """dX = dZ · W, after dW += dZᵀ · X and db += the sums of the columns of dZ."""
    cdef Py_ssize_t nO = size_of(db), nI = shape_of(X)[1], rows = shape_of(X)[0]
    cdef Matrix d = dense(data_of(dZ), rows, nO)
    if dtype == F32:
        linear32.add_column_sums(<float*>d.data, <float*>data_of(db), rows, nO)
    else:
        linear64.add_column_sums(<double*>d.data, <double*>data_of(db), rows, nO)
    product(dtype, dW, turned(d), view(X, False), NULL, True)
    cdef cnp.ndarray dX = new_matrix(rows, nI, dtype)
    return product(dtype, dX, d, dense(data_of(W), nO, nI), NULL, False)


def backprop_affine(dZ, X, W, dW, db):
    """dX = dZ · W; adds dZᵀ · X to dW and the sums of dZ's columns to db."""
    dZ = compact(dZ)
    cdef int dtype = gradient_dtype(dZ, X, W, dW, db)
    return NotImplemented if dtype == OTHER else spread(dtype, dZ, X, W, dW, db)
