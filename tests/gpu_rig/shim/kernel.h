// CUDA C++ as CuPy writes it, for g++: a launch runs its threads one after the other.
//
// A kernel without barriers is a loop. One with barriers gives each thread of a block a stack of
// its own (ucontext) and lets it run from barrier to barrier, so sums by shared memory come out in
// the order that a GPU would add them in.
#pragma once
#include <ucontext.h>
#include <vector_functions.h>
#include <vector_types.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

// --- words of the language -------------------------------------------------------------------
#define __CUDACC_VER_MAJOR__ 12
#undef __global__
#undef __device__
#undef __host__
#undef __forceinline__
#undef __noinline__
#undef __constant__
#undef __shared__
#undef __launch_bounds__
#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static
#define __restrict__

struct rig_dim { unsigned x, y, z; };
static rig_dim threadIdx, blockIdx, blockDim, gridDim;
static const int warpSize = 32;
static char* rig_shared = nullptr;  // what `extern __shared__` points to

// --- running a kernel ------------------------------------------------------------------------
namespace rig {

enum Status { RUNS, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };
struct Thread {
    ucontext_t context;
    char* stack;
    Status status;
    rig_dim index;
    uint64_t slot;  // what it shows to the other threads of its warp
};
static std::vector<Thread> threads;
static ucontext_t scheduler;
static int now = -1;
static void (*body)(void*);
static void* body_argument;

static void run_thread() {
    body(body_argument);
    threads[now].status = DONE;
    swapcontext(&threads[now].context, &scheduler);
}
static void wait(Status barrier) {
    int me = now;
    threads[me].status = barrier;
    swapcontext(&threads[me].context, &scheduler);
}
static rig_dim index_of(int i, rig_dim shape) { return {i % shape.x, (i / shape.x) % shape.y, i / (shape.x * shape.y)}; }

static void run_with_barriers(int n, rig_dim shape) {
    const size_t STACK = 65536;
    while ((int)threads.size() < n) {
        Thread fresh;
        memset(&fresh, 0, sizeof fresh);
        fresh.stack = (char*)malloc(STACK);
        threads.push_back(fresh);
    }
    for (int i = 0; i < n; i++) {
        Thread& t = threads[i];
        getcontext(&t.context);
        t.context.uc_stack.ss_sp = t.stack;
        t.context.uc_stack.ss_size = STACK;
        t.context.uc_link = &scheduler;
        makecontext(&t.context, run_thread, 0);
        t.status = RUNS;
        t.index = index_of(i, shape);
    }
    for (;;) {
        int done = 0;
        for (int i = 0; i < n; i++) {
            if (threads[i].status == RUNS) {
                now = i;
                threadIdx = threads[i].index;
                swapcontext(&scheduler, &threads[i].context);
            }
            done += threads[i].status == DONE;
        }
        if (done == n) break;
        bool released = false;  // all wait: let warps go first, then the block
        for (int i = 0; i < n; i++)
            if (threads[i].status == AT_WARP_BARRIER) {
                threads[i].status = RUNS;
                released = true;
            }
        if (!released)
            for (int i = 0; i < n; i++)
                if (threads[i].status == AT_BLOCK_BARRIER) threads[i].status = RUNS;
    }
    now = -1;
}

static void run_grid(const unsigned* g, bool barriers, bool one_loop) {
    if (one_loop) {  // CUPY_FOR over all elements: a single thread walks them
        gridDim = blockDim = {1, 1, 1};
        blockIdx = threadIdx = {0, 0, 0};
        body(body_argument);
        return;
    }
    gridDim = {g[0], g[1], g[2]};
    blockDim = {g[3], g[4], g[5]};
    int n = g[3] * g[4] * g[5];
    for (unsigned z = 0; z < g[2]; z++)
        for (unsigned y = 0; y < g[1]; y++)
            for (unsigned x = 0; x < g[0]; x++) {
                blockIdx = {x, y, z};
                if (barriers) {
                    run_with_barriers(n, blockDim);
                } else {
                    for (int i = 0; i < n; i++) {
                        threadIdx = index_of(i, blockDim);
                        body(body_argument);
                    }
                }
            }
}

template <class... A, size_t... I>
void call(void (*f)(A...), void** p, std::index_sequence<I...>) {
    f(*(std::remove_reference_t<A>*)p[I]...);
}
template <class... A>
void run(void (*f)(A...), const unsigned* grid, size_t shared, void** arguments, bool barriers, bool one_loop) {
    struct Call { void (*f)(A...); void** arguments; } it{f, arguments};
    body_argument = &it;
    body = [](void* c) { call(((Call*)c)->f, ((Call*)c)->arguments, std::index_sequence_for<A...>()); };
    std::vector<char> memory(shared + 64);
    rig_shared = memory.data();
    run_grid(grid, barriers, one_loop);
}
template <class T>
T shuffle(T value, int from) {
    static_assert(sizeof(T) <= 8, "");
    memcpy(&threads[now].slot, &value, sizeof(T));
    wait(AT_WARP_BARRIER);
    T seen;
    memcpy(&seen, &threads[from].slot, sizeof(T));
    wait(AT_WARP_BARRIER);
    return seen;
}

}  // namespace rig

// --- functions of the language -----------------------------------------------------------------
inline void __syncthreads() { rig::wait(rig::AT_BLOCK_BARRIER); }
inline void __syncwarp(unsigned = 0) { rig::wait(rig::AT_WARP_BARRIER); }
inline void __threadfence() {}
inline void __threadfence_block() {}
template <class T> T __shfl_down_sync(unsigned, T v, int d, int w = 32) { return rig::shuffle(v, rig::now % w + d < w ? rig::now + d : rig::now); }
template <class T> T __shfl_up_sync(unsigned, T v, int d, int w = 32) { return rig::shuffle(v, rig::now % w - d >= 0 ? rig::now - d : rig::now); }
template <class T> T __shfl_xor_sync(unsigned, T v, int m, int = 32) { return rig::shuffle(v, rig::now ^ m); }
template <class T> T __shfl_sync(unsigned, T v, int s, int w = 32) { return rig::shuffle(v, rig::now - rig::now % w + s % w); }

template <class T, class F> T rig_atomic(T* a, F f) { T old = *a; *a = f(old); return old; }
#define RIG_ATOMICS(T)                                                                        \
    inline T atomicAdd(T* a, T v) { return rig_atomic(a, [=](T o) -> T { return o + v; }); }    \
    inline T atomicMax(T* a, T v) { return rig_atomic(a, [=](T o) { return std::max(o, v); }); } \
    inline T atomicMin(T* a, T v) { return rig_atomic(a, [=](T o) { return std::min(o, v); }); } \
    inline T atomicExch(T* a, T v) { return rig_atomic(a, [=](T) { return v; }); }            \
    inline T atomicCAS(T* a, T c, T v) { return rig_atomic(a, [=](T o) { return o == c ? v : o; }); }
RIG_ATOMICS(int)
RIG_ATOMICS(unsigned)
RIG_ATOMICS(unsigned long long)
inline float atomicAdd(float* a, float v) { return rig_atomic(a, [=](float o) { return o + v; }); }
inline double atomicAdd(double* a, double v) { return rig_atomic(a, [=](double o) { return o + v; }); }
inline unsigned atomicAnd(unsigned* a, unsigned v) { return rig_atomic(a, [=](unsigned o) { return o & v; }); }
inline unsigned atomicOr(unsigned* a, unsigned v) { return rig_atomic(a, [=](unsigned o) { return o | v; }); }
inline int atomicAnd(int* a, int v) { return rig_atomic(a, [=](int o) { return o & v; }); }
inline int atomicOr(int* a, int v) { return rig_atomic(a, [=](int o) { return o | v; }); }

template <class A, class B> constexpr auto min(A a, B b) -> std::common_type_t<A, B> { using T = std::common_type_t<A, B>; return (T)a < (T)b ? (T)a : (T)b; }
template <class A, class B> constexpr auto max(A a, B b) -> std::common_type_t<A, B> { using T = std::common_type_t<A, B>; return (T)a > (T)b ? (T)a : (T)b; }
template <class T> T __ldg(const T* p) { return *p; }
template <class To, class From> To rig_bits(From x) { To y; memcpy(&y, &x, sizeof y); return y; }
inline int __float_as_int(float x) { return rig_bits<int>(x); }
inline float __int_as_float(int x) { return rig_bits<float>(x); }
inline unsigned __float_as_uint(float x) { return rig_bits<unsigned>(x); }
inline float __uint_as_float(unsigned x) { return rig_bits<float>(x); }
inline long long __double_as_longlong(double x) { return rig_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return rig_bits<double>(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float rsqrt(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline double rcbrt(double x) { return 1 / cbrt(x); }
inline double sinpi(double x) { return sin(M_PI * x); }
inline double cospi(double x) { return cos(M_PI * x); }
inline double normcdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }
inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
using std::abs;
using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;
