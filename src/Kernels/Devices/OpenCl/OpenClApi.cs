namespace P6bNative.Kernels.Devices;

/// <summary>
/// The functions of OpenCL 1.2 that the device needs, found by name in a loader's library or by place in a vendor's dispatch table
/// (the table of the cl_khr_icd extension; its order is fixed by the Khronos header cl_icd.h).
/// </summary>
/// <param name="function">Address of a function, by name and place in the table.</param>
internal sealed unsafe class OpenClApi(Func<string, int, nint> function)
{
    /// <summary>Only extensions need it: its address may be 0.</summary>
    public const string OptionalFunction = "clGetExtensionFunctionAddressForPlatform";

    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetPlatformInfo =
        (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)function("clGetPlatformInfo", 1);

    public readonly delegate* unmanaged<nint, ulong, uint, nint*, uint*, int> GetDeviceIds =
        (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)function("clGetDeviceIDs", 2);

    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetDeviceInfo =
        (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)function("clGetDeviceInfo", 3);

    public readonly delegate* unmanaged<nint*, uint, nint*, nint, nint, int*, nint> CreateContext =
        (delegate* unmanaged<nint*, uint, nint*, nint, nint, int*, nint>)function("clCreateContext", 4);

    public readonly delegate* unmanaged<nint, int> ReleaseContext = (delegate* unmanaged<nint, int>)function("clReleaseContext", 7);

    public readonly delegate* unmanaged<nint, nint, ulong, int*, nint> CreateCommandQueue =
        (delegate* unmanaged<nint, nint, ulong, int*, nint>)function("clCreateCommandQueue", 9);

    public readonly delegate* unmanaged<nint, int> ReleaseCommandQueue = (delegate* unmanaged<nint, int>)function("clReleaseCommandQueue", 11);

    public readonly delegate* unmanaged<nint, ulong, nuint, void*, int*, nint> CreateBuffer =
        (delegate* unmanaged<nint, ulong, nuint, void*, int*, nint>)function("clCreateBuffer", 14);

    public readonly delegate* unmanaged<nint, int> ReleaseMemObject = (delegate* unmanaged<nint, int>)function("clReleaseMemObject", 18);

    public readonly delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint> CreateProgramWithSource =
        (delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)function("clCreateProgramWithSource", 26);

    public readonly delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint> CreateProgramWithBinary =
        (delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint>)function("clCreateProgramWithBinary", 27);

    public readonly delegate* unmanaged<nint, int> ReleaseProgram = (delegate* unmanaged<nint, int>)function("clReleaseProgram", 29);

    public readonly delegate* unmanaged<nint, uint, nint*, byte*, nint, nint, int> BuildProgram =
        (delegate* unmanaged<nint, uint, nint*, byte*, nint, nint, int>)function("clBuildProgram", 30);

    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetProgramInfo =
        (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)function("clGetProgramInfo", 32);

    public readonly delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> GetProgramBuildInfo =
        (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)function("clGetProgramBuildInfo", 33);

    public readonly delegate* unmanaged<nint, byte*, int*, nint> CreateKernel =
        (delegate* unmanaged<nint, byte*, int*, nint>)function("clCreateKernel", 34);

    public readonly delegate* unmanaged<nint, int> ReleaseKernel = (delegate* unmanaged<nint, int>)function("clReleaseKernel", 37);

    // Some ten nanoseconds of work that never waits: the transition to native code would cost as much.
    public readonly delegate* unmanaged[SuppressGCTransition]<nint, uint, nuint, void*, int> SetKernelArg =
        (delegate* unmanaged[SuppressGCTransition]<nint, uint, nuint, void*, int>)function("clSetKernelArg", 38);

    public readonly delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> GetKernelWorkGroupInfo =
        (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)function("clGetKernelWorkGroupInfo", 40);

    public readonly delegate* unmanaged<uint, nint*, int> WaitForEvents = (delegate* unmanaged<uint, nint*, int>)function("clWaitForEvents", 41);

    public readonly delegate* unmanaged<nint, int> ReleaseEvent = (delegate* unmanaged<nint, int>)function("clReleaseEvent", 44);

    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetEventProfilingInfo =
        (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)function("clGetEventProfilingInfo", 45);

    public readonly delegate* unmanaged<nint, int> Flush = (delegate* unmanaged<nint, int>)function("clFlush", 46);

    public readonly delegate* unmanaged<nint, int> Finish = (delegate* unmanaged<nint, int>)function("clFinish", 47);

    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueReadBuffer =
        (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)function("clEnqueueReadBuffer", 48);

    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueWriteBuffer =
        (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)function("clEnqueueWriteBuffer", 49);

    public readonly delegate* unmanaged<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*> EnqueueMapBuffer =
        (delegate* unmanaged<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*>)function("clEnqueueMapBuffer", 56);

    public readonly delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int> EnqueueNDRangeKernel =
        (delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)function("clEnqueueNDRangeKernel", 59);

    public readonly delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int> EnqueueFillBuffer =
        (delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int>)function("clEnqueueFillBuffer", 102);

    public readonly delegate* unmanaged<nint, uint, nint*, nint*, int> EnqueueMarkerWithWaitList =
        (delegate* unmanaged<nint, uint, nint*, nint*, int>)function("clEnqueueMarkerWithWaitList", 105);

    public readonly delegate* unmanaged<nint, byte*, nint> GetExtensionFunctionAddressForPlatform =
        (delegate* unmanaged<nint, byte*, nint>)function(OptionalFunction, 107);
}
