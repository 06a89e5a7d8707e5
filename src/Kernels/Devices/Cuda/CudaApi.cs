using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// The functions of the CUDA driver that the device needs (cuda.h of CUDA 11.4 and later; the suffixes are those that the header adds).
/// Every function returns a CUresult, 0 for success.
/// </summary>
/// <param name="library">libcuda, loaded.</param>
internal sealed unsafe class CudaApi(nint library)
{
    public readonly delegate* unmanaged<uint, int> Init = (delegate* unmanaged<uint, int>)Function(library, "cuInit");

    public readonly delegate* unmanaged<int*, int> DriverGetVersion = (delegate* unmanaged<int*, int>)Function(library, "cuDriverGetVersion");

    public readonly delegate* unmanaged<int, byte**, int> GetErrorName = (delegate* unmanaged<int, byte**, int>)Function(library, "cuGetErrorName");

    public readonly delegate* unmanaged<int, byte**, int> GetErrorString =
        (delegate* unmanaged<int, byte**, int>)Function(library, "cuGetErrorString");

    public readonly delegate* unmanaged<int*, int> DeviceGetCount = (delegate* unmanaged<int*, int>)Function(library, "cuDeviceGetCount");

    public readonly delegate* unmanaged<int*, int, int> DeviceGet = (delegate* unmanaged<int*, int, int>)Function(library, "cuDeviceGet");

    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName =
        (delegate* unmanaged<byte*, int, int, int>)Function(library, "cuDeviceGetName");

    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem =
        (delegate* unmanaged<nuint*, int, int>)Function(library, "cuDeviceTotalMem_v2");

    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute =
        (delegate* unmanaged<int*, int, int, int>)Function(library, "cuDeviceGetAttribute");

    public readonly delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain =
        (delegate* unmanaged<nint*, int, int>)Function(library, "cuDevicePrimaryCtxRetain");

    public readonly delegate* unmanaged<int, int> DevicePrimaryCtxRelease =
        (delegate* unmanaged<int, int>)Function(library, "cuDevicePrimaryCtxRelease_v2");

    public readonly delegate* unmanaged<nint, int> CtxSetCurrent = (delegate* unmanaged<nint, int>)Function(library, "cuCtxSetCurrent");

    public readonly delegate* unmanaged<nuint*, nuint*, int> MemGetInfo =
        (delegate* unmanaged<nuint*, nuint*, int>)Function(library, "cuMemGetInfo_v2");

    public readonly delegate* unmanaged<nint*, nuint, int> MemAlloc = (delegate* unmanaged<nint*, nuint, int>)Function(library, "cuMemAlloc_v2");

    public readonly delegate* unmanaged<nint, int> MemFree = (delegate* unmanaged<nint, int>)Function(library, "cuMemFree_v2");

    public readonly delegate* unmanaged<void**, nuint, uint, int> MemHostAlloc =
        (delegate* unmanaged<void**, nuint, uint, int>)Function(library, "cuMemHostAlloc");

    public readonly delegate* unmanaged<void*, int> MemFreeHost = (delegate* unmanaged<void*, int>)Function(library, "cuMemFreeHost");

    public readonly delegate* unmanaged<nint, uint, nuint, nint, int> MemsetD32Async =
        (delegate* unmanaged<nint, uint, nuint, nint, int>)Function(library, "cuMemsetD32Async");

    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> MemcpyHtoDAsync =
        (delegate* unmanaged<nint, void*, nuint, nint, int>)Function(library, "cuMemcpyHtoDAsync_v2");

    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> MemcpyDtoHAsync =
        (delegate* unmanaged<void*, nint, nuint, nint, int>)Function(library, "cuMemcpyDtoHAsync_v2");

    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate = (delegate* unmanaged<nint*, uint, int>)Function(library, "cuStreamCreate");

    public readonly delegate* unmanaged<nint, int> StreamDestroy = (delegate* unmanaged<nint, int>)Function(library, "cuStreamDestroy_v2");

    public readonly delegate* unmanaged<nint, int> StreamSynchronize = (delegate* unmanaged<nint, int>)Function(library, "cuStreamSynchronize");

    public readonly delegate* unmanaged<nint, int, int> StreamBeginCapture =
        (delegate* unmanaged<nint, int, int>)Function(library, "cuStreamBeginCapture_v2");

    public readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture =
        (delegate* unmanaged<nint, nint*, int>)Function(library, "cuStreamEndCapture");

    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate =
        (delegate* unmanaged<nint*, nint, ulong, int>)Function(library, "cuGraphInstantiateWithFlags");

    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch = (delegate* unmanaged<nint, nint, int>)Function(library, "cuGraphLaunch");

    public readonly delegate* unmanaged<nint, int> GraphExecDestroy = (delegate* unmanaged<nint, int>)Function(library, "cuGraphExecDestroy");

    public readonly delegate* unmanaged<nint, int> GraphDestroy = (delegate* unmanaged<nint, int>)Function(library, "cuGraphDestroy");

    public readonly delegate* unmanaged<nint*, uint, int> EventCreate = (delegate* unmanaged<nint*, uint, int>)Function(library, "cuEventCreate");

    public readonly delegate* unmanaged<nint, nint, int> EventRecord = (delegate* unmanaged<nint, nint, int>)Function(library, "cuEventRecord");

    public readonly delegate* unmanaged<nint, int> EventSynchronize = (delegate* unmanaged<nint, int>)Function(library, "cuEventSynchronize");

    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime =
        (delegate* unmanaged<float*, nint, nint, int>)Function(library, "cuEventElapsedTime");

    public readonly delegate* unmanaged<nint, int> EventDestroy = (delegate* unmanaged<nint, int>)Function(library, "cuEventDestroy_v2");

    public readonly delegate* unmanaged<nint*, void*, int> ModuleLoadData = (delegate* unmanaged<nint*, void*, int>)Function(library, "cuModuleLoadData");

    public readonly delegate* unmanaged<nint, int> ModuleUnload = (delegate* unmanaged<nint, int>)Function(library, "cuModuleUnload");

    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction =
        (delegate* unmanaged<nint*, nint, byte*, int>)Function(library, "cuModuleGetFunction");

    public readonly delegate* unmanaged<int*, int, nint, int> FuncGetAttribute =
        (delegate* unmanaged<int*, int, nint, int>)Function(library, "cuFuncGetAttribute");

    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel =
        (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Function(library, "cuLaunchKernel");

    /// <summary>A result code in words: its name and what the driver says about it.</summary>
    public string Describe(int result)
    {
        byte* name = null, text = null;
        _ = GetErrorName(result, &name);
        _ = GetErrorString(result, &text);
        return name == null ? $"CUDA error {result}" : $"{Marshal.PtrToStringUTF8((nint)name)} ({Marshal.PtrToStringUTF8((nint)text)})";
    }

    private static nint Function(nint library, string name) => NativeLibrary.GetExport(library, name);
}
