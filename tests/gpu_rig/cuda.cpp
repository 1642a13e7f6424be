// The public CUDA runtime and driver interface on the CPU, as far as CuPy needs it for a course.
//
// "Device" memory is host memory that remembers which side it belongs to and starts as NaN. A
// kernel is a function in a shared library that kernel.h made of CuPy's source. Everything counts:
// launches, copies, waits. Nothing here is asynchronous.
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

// --- what is counted -------------------------------------------------------------------------
enum { LAUNCHES, H2D, D2H, SYNCS, MEMSETS, BYTES_H2D, COUNTERS };
static unsigned long long count[COUNTERS];
static std::string events;

static void note(int counter, const std::string& what) {
    count[counter]++;
    events += what + "\n";
}
API void rig_reset() { memset(count, 0, sizeof count); events.clear(); }
API void rig_counts(unsigned long long* out) { memcpy(out, count, sizeof count); }
API const char* rig_events() { return events.c_str(); }
API void rig_library_call(const char* name) { note(LAUNCHES, name); }

// --- failures to order ------------------------------------------------------------------------
// COURSEKIT_RIG_FAIL is a CUDA error, _DEVICES a number, _MEMORY so many GiB, _DRIVER a version as
// CUDA counts, _CAPABILITY ten times a compute capability.
static int setting(const char* name, int usual) {
    const char* value = getenv(name);
    return value ? atoi(value) : usual;
}
static int failure() { return setting("COURSEKIT_RIG_FAIL", 0); }
static int capability() { return setting("COURSEKIT_RIG_CAPABILITY", 86); }
static int devices() { return setting("COURSEKIT_RIG_DEVICES", 1); }
#define UNLESS_FAILING if (int error = failure()) return (cudaError_t)error

API const char* cudaGetErrorName(cudaError_t e) {
    switch ((int)e) {
        case 0: return "cudaSuccess";
        case 1: return "cudaErrorInvalidValue";
        case 2: return "cudaErrorMemoryAllocation";
        case 35: return "cudaErrorInsufficientDriver";
        case 100: return "cudaErrorNoDevice";
        case 101: return "cudaErrorInvalidDevice";
        case 801: return "cudaErrorNotSupported";
    }
    return "cudaErrorUnknown";
}
API const char* cudaGetErrorString(cudaError_t e) {
    switch ((int)e) {
        case 2: return "out of memory";
        case 35: return "CUDA driver version is insufficient for CUDA runtime version";
        case 100: return "no CUDA-capable device is detected";
    }
    return cudaGetErrorName(e);
}
API cudaError_t cudaGetLastError() { return cudaSuccess; }

// --- the device ------------------------------------------------------------------------------
API cudaError_t cudaDriverGetVersion(int* v) {
    *v = setting("COURSEKIT_RIG_DRIVER", failure() == 35 ? 11040 : 13000);
    return cudaSuccess;
}
API cudaError_t cudaRuntimeGetVersion(int* v) { *v = 12090; return cudaSuccess; }
static thread_local int current = 0;
API cudaError_t cudaGetDevice(int* d) { UNLESS_FAILING; *d = current; return cudaSuccess; }
API cudaError_t cudaSetDevice(int d) {
    UNLESS_FAILING;
    if (d < 0 || d >= devices()) return (cudaError_t)101;
    current = d;
    return cudaSuccess;
}
API cudaError_t cudaGetDeviceCount(int* n) {
    UNLESS_FAILING;
    *n = devices();
    return *n ? cudaSuccess : cudaErrorNoDevice;
}
API cudaError_t cudaDeviceGetAttribute(int* v, cudaDeviceAttr what, int) {
    static const std::map<int, int> known = {
        {cudaDevAttrComputeCapabilityMajor, capability() / 10},
        {cudaDevAttrComputeCapabilityMinor, capability() % 10},
        {cudaDevAttrWarpSize, 32}, {cudaDevAttrMaxThreadsPerBlock, 1024},
        {cudaDevAttrMultiProcessorCount, 20}, {cudaDevAttrMaxSharedMemoryPerBlock, 49152},
        {cudaDevAttrMaxGridDimX, 2147483647}, {cudaDevAttrMaxSharedMemoryPerMultiprocessor, 102400},
        {cudaDevAttrMaxThreadsPerMultiProcessor, 1536},
        {cudaDevAttrMaxSharedMemoryPerBlockOptin, 101376},
    };
    auto found = known.find((int)what);
    *v = found == known.end() ? 1 : found->second;
    return cudaSuccess;
}
API cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp* p, int) {
    memset(p, 0, sizeof *p);
    strcpy(p->name, "CPU stand-in, no GPU");
    p->totalGlobalMem = (size_t)setting("COURSEKIT_RIG_MEMORY", 8) << 30;
    p->warpSize = 32;
    p->maxThreadsPerBlock = 1024;
    p->major = capability() / 10;
    p->minor = capability() % 10;
    p->multiProcessorCount = 20;
    p->sharedMemPerBlock = 49152;
    return cudaSuccess;
}
API cudaError_t cudaDeviceSynchronize() { note(SYNCS, "wait for the device"); return cudaSuccess; }

// --- memory ----------------------------------------------------------------------------------
enum Side { UNKNOWN, HOST, DEVICE };
struct Block { size_t size; Side side; };
static std::map<char*, Block> blocks;
static std::mutex lock;
static size_t used = 0;
static const size_t MEMORY = (size_t)setting("COURSEKIT_RIG_MEMORY", 8) << 30;

static Side side_of(const void* p) {
    std::lock_guard<std::mutex> guard(lock);
    auto it = blocks.upper_bound((char*)p);
    if (it == blocks.begin()) return UNKNOWN;
    --it;
    return (char*)p < it->first + it->second.size ? it->second.side : UNKNOWN;
}
static cudaError_t allocate(void** p, size_t n, Side side) {
    *p = nullptr;
    if (!n) return cudaSuccess;
    if (side == DEVICE && used + n > MEMORY) return cudaErrorMemoryAllocation;
    if (posix_memalign(p, 512, n)) return cudaErrorMemoryAllocation;
    memset(*p, 0xFF, n);  // NaN: whoever reads before writing shows it
    std::lock_guard<std::mutex> guard(lock);
    blocks[(char*)*p] = {n, side};
    if (side == DEVICE) used += n;
    return cudaSuccess;
}
static cudaError_t release(void* p) {
    if (!p) return cudaSuccess;
    {
        std::lock_guard<std::mutex> guard(lock);
        auto it = blocks.find((char*)p);
        if (it == blocks.end()) return cudaErrorInvalidValue;
        if (it->second.side == DEVICE) used -= it->second.size;
        blocks.erase(it);
    }
    free(p);
    return cudaSuccess;
}
API cudaError_t cudaMalloc(void** p, size_t n) { UNLESS_FAILING; return allocate(p, n, DEVICE); }
API cudaError_t cudaMallocManaged(void** p, size_t n, unsigned) { UNLESS_FAILING; return allocate(p, n, DEVICE); }
API cudaError_t cudaMallocAsync(void** p, size_t n, cudaStream_t) { UNLESS_FAILING; return allocate(p, n, DEVICE); }
API cudaError_t cudaFree(void* p) { return release(p); }
API cudaError_t cudaFreeAsync(void* p, cudaStream_t) { return release(p); }
API cudaError_t cudaHostAlloc(void** p, size_t n, unsigned) { UNLESS_FAILING; return allocate(p, n, HOST); }
API cudaError_t cudaFreeHost(void* p) { return release(p); }
API cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
    UNLESS_FAILING;
    *total = MEMORY;
    *free = MEMORY - used;
    return cudaSuccess;
}
API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* a, const void* p) {
    memset(a, 0, sizeof *a);
    Side side = side_of(p);
    a->type = (cudaMemoryType)side;
    a->device = side == UNKNOWN ? -2 : 0;
    a->devicePointer = (void*)p;
    a->hostPointer = side == HOST ? (void*)p : nullptr;
    return cudaSuccess;
}
static cudaError_t copy(void* to, const void* from, size_t n, int kind, bool waits) {
    bool into = side_of(to) == DEVICE, out_of = side_of(from) == DEVICE;
    if (kind == cudaMemcpyHostToDevice && !into) return cudaErrorInvalidValue;
    if (kind == cudaMemcpyDeviceToHost && !out_of) return cudaErrorInvalidValue;
    std::string bytes = " " + std::to_string(n) + " bytes";
    if (into && !out_of) { note(H2D, "to the device" + bytes); count[BYTES_H2D] += n; }
    if (out_of && !into) note(D2H, "to the host" + bytes);
    if (waits && into != out_of) note(SYNCS, "wait for the copy");
    memmove(to, from, n);
    return cudaSuccess;
}
API cudaError_t cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind k) { return copy(d, s, n, k, true); }
API cudaError_t cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t) { return copy(d, s, n, k, false); }
API cudaError_t cudaMemset(void* d, int v, size_t n) { note(MEMSETS, "memset"); memset(d, v, n); return cudaSuccess; }
API cudaError_t cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t) { return cudaMemset(d, v, n); }

// --- streams and events: everything is done when it is asked for ---------------------------------
static long names = 16;
API cudaError_t cudaStreamCreate(cudaStream_t* s) { UNLESS_FAILING; *s = (cudaStream_t)names++; return cudaSuccess; }
API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) { return cudaStreamCreate(s); }
API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* s, unsigned, int) { return cudaStreamCreate(s); }
API cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
API cudaError_t cudaStreamGetFlags(cudaStream_t, unsigned* f) { *f = 0; return cudaSuccess; }
API cudaError_t cudaStreamGetPriority(cudaStream_t, int* p) { *p = 0; return cudaSuccess; }
API cudaError_t cudaStreamSynchronize(cudaStream_t) { note(SYNCS, "wait for the stream"); return cudaSuccess; }
API cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }
API cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
API cudaError_t cudaStreamIsCapturing(cudaStream_t, cudaStreamCaptureStatus* s) { *s = cudaStreamCaptureStatusNone; return cudaSuccess; }
API cudaError_t cudaEventCreate(cudaEvent_t* e) { *e = (cudaEvent_t)names++; return cudaSuccess; }
API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) { return cudaEventCreate(e); }
API cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }
API cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
API cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }
API cudaError_t cudaEventSynchronize(cudaEvent_t) { note(SYNCS, "wait for an event"); return cudaSuccess; }
API cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t, cudaEvent_t) { *ms = 0.001f; return cudaSuccess; }
API cudaError_t cudaProfilerStart() { return cudaSuccess; }
API cudaError_t cudaProfilerStop() { return cudaSuccess; }

// --- the driver: modules and launches ------------------------------------------------------------
static const char MARK[] = "RIG:";  // compile.py gives CuPy this and a path for machine code
typedef void (*Run)(const unsigned* grid, size_t shared, void** arguments);
struct Function { std::string name; Run run; };

static const CUresult MISSING = CUDA_ERROR_NOT_FOUND, REFUSED = CUDA_ERROR_NOT_SUPPORTED;
API CUresult cuGetErrorName(CUresult e, const char** s) {
    *s = e == MISSING ? "CUDA_ERROR_NOT_FOUND" : e == REFUSED ? "CUDA_ERROR_NOT_SUPPORTED" : "CUDA_ERROR_UNKNOWN";
    return CUDA_SUCCESS;
}
API CUresult cuGetErrorString(CUresult e, const char** s) { return cuGetErrorName(e, s); }
static long context;
API CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
API CUresult cuCtxGetCurrent(CUcontext* c) { *c = (CUcontext)&context; return CUDA_SUCCESS; }
API CUresult cuCtxSetCurrent(CUcontext) { return CUDA_SUCCESS; }
API CUresult cuCtxGetDevice(CUdevice* d) { *d = current; return CUDA_SUCCESS; }
API CUresult cuStreamGetCtx(CUstream, CUcontext* c) { return cuCtxGetCurrent(c); }
API CUresult cuModuleLoadData(CUmodule* m, const void* image) {
    const char* text = (const char*)image;
    if (memcmp(text, MARK, 4)) return CUDA_ERROR_INVALID_IMAGE;
    void* handle = dlopen(text + 4, RTLD_NOW | RTLD_LOCAL);
    if (!handle) { fprintf(stderr, "%s\n", dlerror()); return CUDA_ERROR_INVALID_IMAGE; }
    *m = (CUmodule)handle;
    return CUDA_SUCCESS;
}
API CUresult cuModuleUnload(CUmodule) { return CUDA_SUCCESS; }
API CUresult cuModuleGetFunction(CUfunction* f, CUmodule m, const char* name) {
    auto run = (Run)dlsym((void*)m, (std::string("rig_run_") + name).c_str());
    if (!run) return MISSING;
    *f = (CUfunction) new Function{name, run};
    return CUDA_SUCCESS;
}
API CUresult cuModuleGetGlobal_v2(CUdeviceptr* p, size_t* n, CUmodule m, const char* name) {
    void* found = dlsym((void*)m, name);
    if (!found) return MISSING;
    *p = (CUdeviceptr)found;
    *n = 0;
    return CUDA_SUCCESS;
}
API CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                            unsigned shared, CUstream, void** arguments, void**) {
    auto function = (Function*)f;
    unsigned grid[6] = {gx, gy, gz, bx, by, bz};
    if (!gx || !bx || bx * by * bz > 1024) return CUDA_ERROR_INVALID_VALUE;
    note(LAUNCHES, function->name);
    function->run(grid, shared, arguments);
    return CUDA_SUCCESS;
}
API CUresult cuFuncGetAttribute(int* v, CUfunction_attribute, CUfunction) { *v = 1024; return CUDA_SUCCESS; }
API CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int) { return CUDA_SUCCESS; }
API CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* n, CUfunction, int, size_t) { *n = 4; return CUDA_SUCCESS; }
API CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction, CUoccupancyB2DSize, size_t, int) {
    *grid = 80;
    *block = 256;
    return CUDA_SUCCESS;
}
