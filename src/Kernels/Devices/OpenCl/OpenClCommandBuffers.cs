using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// The extension cl_khr_command_buffer, whose functions are the same in all its versions so far (0.9.0 to 0.9.7) as far as they are used here:
/// one in-order queue, kernels only, no wait lists.
/// </summary>
internal sealed unsafe class OpenClCommandBuffers
{
    private const string Extension = "cl_khr_command_buffer";
    private const ulong SimultaneousUse = 1 << 0;

    private readonly delegate* unmanaged<uint, nint*, ulong*, int*, nint> _create;
    private readonly delegate* unmanaged<nint, int> _finalize;
    private readonly delegate* unmanaged<nint, int> _release;
    private readonly delegate* unmanaged<uint, nint*, nint, uint, nint*, nint*, int> _enqueue;
    private readonly delegate* unmanaged<nint, nint, ulong*, nint, uint, nuint*, nuint*, nuint*, uint, uint*, uint*, nint*, int> _kernel;

    private OpenClCommandBuffers(OpenClHardware hardware)
    {
        nint Function(string name)
        {
            fixed (byte* p = Encoding.ASCII.GetBytes(name + '\0'))
                return hardware.Api.GetExtensionFunctionAddressForPlatform(hardware.Platform, p);
        }

        _create = (delegate* unmanaged<uint, nint*, ulong*, int*, nint>)Function("clCreateCommandBufferKHR");
        _finalize = (delegate* unmanaged<nint, int>)Function("clFinalizeCommandBufferKHR");
        _release = (delegate* unmanaged<nint, int>)Function("clReleaseCommandBufferKHR");
        _enqueue = (delegate* unmanaged<uint, nint*, nint, uint, nint*, nint*, int>)Function("clEnqueueCommandBufferKHR");
        _kernel = (delegate* unmanaged<nint, nint, ulong*, nint, uint, nuint*, nuint*, nuint*, uint, uint*, uint*, nint*, int>)Function(
            "clCommandNDRangeKernelKHR");
        CanOverlap = (hardware.Property(0x12A9) & (1 << 2)) != 0;
    }

    /// <summary>Whether a buffer may be enqueued again before its last run has ended.</summary>
    public bool CanOverlap { get; }

    /// <summary>The extension of a device; null where it has none that a plain in-order queue can use.</summary>
    public static OpenClCommandBuffers? Of(OpenClHardware hardware)
    {
        const uint requiredQueueProperties = 0x12AA;
        if (!hardware.Extensions.Split(' ').Contains(Extension) || hardware.Property(requiredQueueProperties) != 0
            || hardware.Api.GetExtensionFunctionAddressForPlatform == null)
        {
            return null;
        }
        var functions = new OpenClCommandBuffers(hardware);
        bool isComplete = functions._create != null && functions._finalize != null && functions._release != null
            && functions._enqueue != null && functions._kernel != null;
        return isComplete ? functions : null;
    }

    /// <summary>A buffer that records; 0 if the driver refuses.</summary>
    public nint Create(nint queue)
    {
        const ulong flags = 0x1293;
        ulong* properties = stackalloc ulong[] { flags, CanOverlap ? SimultaneousUse : 0, 0 };
        int status;
        nint buffer = _create(1, &queue, properties, &status);
        return status == OpenClStatus.Success ? buffer : 0;
    }

    /// <summary>Records a kernel with the arguments it has now.</summary>
    public int Add(nint buffer, nint kernel, nuint* global, nuint* local) => _kernel(buffer, 0, null, kernel, 3, null, global, local, 0, null, null, null);

    /// <summary>Ends the recording.</summary>
    public int Complete(nint buffer) => _finalize(buffer);

    /// <summary>Enqueues a complete buffer on its own queue.</summary>
    public int Enqueue(nint buffer) => _enqueue(0, null, buffer, 0, null, null);

    /// <summary>Releases a buffer.</summary>
    public void Release(nint buffer) => _ = _release(buffer);
}
