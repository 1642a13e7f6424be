// As much of cuBLAS as matrix products of real numbers need. Matrices lie column by column.
#include <cstddef>
#define API extern "C" __attribute__((visibility("default")))
extern "C" void rig_library_call(const char*);

static int pointer_mode = 0;
static void* stream = nullptr;
API int cublasCreate_v2(void** h) { *h = (void*)1; return 0; }
API int cublasDestroy_v2(void*) { return 0; }
API int cublasGetVersion_v2(void*, int* v) { *v = 120900; return 0; }
API int cublasSetStream_v2(void*, void* s) { stream = s; return 0; }
API int cublasGetStream_v2(void*, void** s) { *s = stream; return 0; }
API int cublasSetPointerMode_v2(void*, int m) { pointer_mode = m; return 0; }
API int cublasGetPointerMode_v2(void*, int* m) { *m = pointer_mode; return 0; }
API int cublasSetMathMode(void*, int) { return 0; }
API int cublasGetMathMode(void*, int* m) { *m = 0; return 0; }

// C = alpha op(A) op(B) + beta C; a beta of 0 means that C is not read.
template <class T>
static void gemm(int ta, int tb, int m, int n, int k, T alpha, const T* A, long lda, const T* B, long ldb, T beta, T* C, long ldc) {
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) {
            T sum = 0;
            for (int l = 0; l < k; l++) sum += (ta ? A[l + i * lda] : A[i + l * lda]) * (tb ? B[j + l * ldb] : B[l + j * ldb]);
            T& c = C[i + j * ldc];
            c = beta == T(0) ? alpha * sum : alpha * sum + beta * c;
        }
}
template <class T>
static void gemv(int t, int m, int n, T alpha, const T* A, long lda, const T* x, int ix, T beta, T* y, int iy) {
    int rows = t ? n : m, columns = t ? m : n;
    for (int i = 0; i < rows; i++) {
        T sum = 0;
        for (int j = 0; j < columns; j++) sum += (t ? A[j + i * lda] : A[i + j * lda]) * x[j * ix];
        y[i * iy] = beta == T(0) ? alpha * sum : alpha * sum + beta * y[i * iy];
    }
}

#define REAL(P, T)                                                                                                   \
    API int cublas##P##gemm_v2(void*, int ta, int tb, int m, int n, int k, const T* alpha, const T* A, int lda,      \
                               const T* B, int ldb, const T* beta, T* C, int ldc) {                                  \
        rig_library_call("gemm");                                                                                    \
        gemm<T>(ta, tb, m, n, k, *alpha, A, lda, B, ldb, *beta, C, ldc);                                             \
        return 0;                                                                                                    \
    }                                                                                                                \
    API int cublas##P##gemmBatched(void*, int ta, int tb, int m, int n, int k, const T* alpha, const T** A, int lda, \
                                   const T** B, int ldb, const T* beta, T** C, int ldc, int batch) {                 \
        rig_library_call("gemmBatched");                                                                             \
        for (int i = 0; i < batch; i++) gemm<T>(ta, tb, m, n, k, *alpha, A[i], lda, B[i], ldb, *beta, C[i], ldc);    \
        return 0;                                                                                                    \
    }                                                                                                                \
    API int cublas##P##gemv_v2(void*, int t, int m, int n, const T* alpha, const T* A, int lda, const T* x, int ix,  \
                               const T* beta, T* y, int iy) {                                                        \
        rig_library_call("gemv");                                                                                    \
        gemv<T>(t, m, n, *alpha, A, lda, x, ix, *beta, y, iy);                                                       \
        return 0;                                                                                                    \
    }                                                                                                                \
    API int cublas##P##dot_v2(void*, int n, const T* x, int ix, const T* y, int iy, T* result) {                     \
        rig_library_call("dot");                                                                                     \
        T sum = 0;                                                                                                   \
        for (int i = 0; i < n; i++) sum += x[i * ix] * y[i * iy];                                                    \
        *result = sum;                                                                                               \
        return 0;                                                                                                    \
    }                                                                                                                \
    API int cublas##P##ger_v2(void*, int m, int n, const T* alpha, const T* x, int ix, const T* y, int iy, T* A,     \
                              int lda) {                                                                             \
        rig_library_call("ger");                                                                                     \
        for (int j = 0; j < n; j++)                                                                                  \
            for (int i = 0; i < m; i++) A[i + (long)j * lda] += *alpha * x[i * ix] * y[j * iy];                      \
        return 0;                                                                                                    \
    }                                                                                                                \
    API int cublas##P##geam(void*, int ta, int tb, int m, int n, const T* alpha, const T* A, int lda, const T* beta, \
                            const T* B, int ldb, T* C, int ldc) {                                                    \
        rig_library_call("geam");                                                                                    \
        for (int j = 0; j < n; j++)                                                                                  \
            for (int i = 0; i < m; i++) {                                                                            \
                T sum = 0;                                                                                           \
                if (*alpha != T(0)) sum += *alpha * (ta ? A[j + (long)i * lda] : A[i + (long)j * lda]);              \
                if (*beta != T(0)) sum += *beta * (tb ? B[j + (long)i * ldb] : B[i + (long)j * ldb]);                \
                C[i + (long)j * ldc] = sum;                                                                          \
            }                                                                                                        \
        return 0;                                                                                                    \
    }
REAL(S, float)
REAL(D, double)

// The general product: CuPy calls it for stacks of matrices. Types 0 and 1 are float and double.
static int product(int ta, int tb, int m, int n, int k, const void* alpha, const void* A, int at, int lda, const void* B,
                   int bt, int ldb, const void* beta, void* C, int ct, int ldc) {
    if (at != ct || bt != ct || ct > 1) return 15;
    if (ct == 0)
        gemm<float>(ta, tb, m, n, k, *(float*)alpha, (float*)A, lda, (float*)B, ldb, *(float*)beta, (float*)C, ldc);
    else
        gemm<double>(ta, tb, m, n, k, *(double*)alpha, (double*)A, lda, (double*)B, ldb, *(double*)beta, (double*)C, ldc);
    return 0;
}
API int cublasSgemmEx(void*, int ta, int tb, int m, int n, int k, const float* alpha, const void* A, int at, int lda,
                      const void* B, int bt, int ldb, const float* beta, void* C, int ct, int ldc) {
    rig_library_call("gemmEx");
    return product(ta, tb, m, n, k, alpha, A, at, lda, B, bt, ldb, beta, C, ct, ldc);
}
API int cublasGemmEx(void*, int ta, int tb, int m, int n, int k, const void* alpha, const void* A, int at, int lda,
                     const void* B, int bt, int ldb, const void* beta, void* C, int ct, int ldc, int, int) {
    rig_library_call("gemmEx");
    return product(ta, tb, m, n, k, alpha, A, at, lda, B, bt, ldb, beta, C, ct, ldc);
}
API int cublasGemmStridedBatchedEx(void*, int ta, int tb, int m, int n, int k, const void* alpha, const void* A, int at,
                                   int lda, long long sa, const void* B, int bt, int ldb, long long sb, const void* beta,
                                   void* C, int ct, int ldc, long long sc, int batch, int, int) {
    rig_library_call("gemmStridedBatchedEx");
    size_t size = ct ? 8 : 4;
    for (int i = 0; i < batch; i++)
        if (int error = product(ta, tb, m, n, k, alpha, (char*)A + i * sa * size, at, lda, (char*)B + i * sb * size, bt,
                                ldb, beta, (char*)C + i * sc * size, ct, ldc))
            return error;
    return 0;
}
