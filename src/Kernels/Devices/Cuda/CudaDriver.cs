using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace P6bNative.Kernels.Devices;

/// <summary>A card that the CUDA driver offers, not opened yet.</summary>
/// <param name="Handle">CUdevice</param>
/// <param name="Name">The card's name.</param>
/// <param name="Memory">Bytes of device memory.</param>
/// <param name="Capability">Compute capability, major·10 + minor.</param>
/// <param name="Multiprocessors">Number of multiprocessors.</param>
internal sealed record CudaHardware(int Handle, string Name, long Memory, int Capability, int Multiprocessors)
{
    /// <summary>What it is, for people.</summary>
    public string Description => $"{Name}, compute capability {Capability / 10}.{Capability % 10}, {Multiprocessors} multiprocessors";
}

/// <summary>The CUDA driver of this machine and the cards it offers; looked for once a process.</summary>
internal sealed unsafe partial class CudaDriver
{
    private static readonly Lazy<CudaDriver> Found = new(() => new CudaDriver());

    private readonly List<CudaHardware> _devices = [];

    private CudaDriver()
    {
        string name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (OperatingSystem.IsMacOS())
            Finding = "there is no CUDA on macOS";
        else if (NativeLibrary.TryLoad(name, out nint library))
            Finding = Open(name, library);
        else
            Finding = $"{name} not found";
    }

    /// <summary>The driver; its functions exist when it has devices.</summary>
    public static CudaDriver Instance => Found.Value;

    /// <summary>The driver's functions.</summary>
    public CudaApi? Api { get; private set; }

    /// <summary>The cards, in the driver's order.</summary>
    public IReadOnlyList<CudaHardware> Devices => _devices;

    /// <summary>What was found, or why nothing was.</summary>
    public string Finding { get; }

    /// <summary>The CUDA version that the driver supports: major·1000 + minor·10.</summary>
    public int CudaVersion { get; private set; }

    /// <summary>The driver's own version where the system tells it, and the CUDA version it supports.</summary>
    public string Version { get; private set; } = "";

    private string Open(string name, nint library)
    {
        try
        {
            Api = new CudaApi(library);
        }
        catch (EntryPointNotFoundException e)
        {
            return $"the driver is too old ({e.Message})";
        }
        int result = Api.Init(0);
        if (result != CudaResult.Success)
            return $"{name} found, but cuInit: {Api.Describe(result)}";
        int version = 0, count = 0;
        _ = Api.DriverGetVersion(&version);
        CudaVersion = version;
        string cuda = string.Create(CultureInfo.InvariantCulture, $"CUDA {version / 1000}.{version % 1000 / 10}");
        Version = ModuleVersion() is { } module ? $"{module}, {cuda}" : cuda;
        result = Api.DeviceGetCount(&count);
        if (result != CudaResult.Success)
            return $"{name} found, but cuDeviceGetCount: {Api.Describe(result)}";
        for (int i = 0; i < count; i++)
            AddDevice(i);
        return _devices.Count > 0 ? $"{_devices.Count} found" : $"{name} found, but no card";
    }

    private void AddDevice(int ordinal)
    {
        const int multiprocessors = 16, capabilityMajor = 75, capabilityMinor = 76;
        int device;
        if (Api!.DeviceGet(&device, ordinal) != CudaResult.Success)
            return;
        byte* name = stackalloc byte[256];
        nuint memory;
        if (Api.DeviceGetName(name, 256, device) != CudaResult.Success || Api.DeviceTotalMem(&memory, device) != CudaResult.Success)
            return;
        int capability = Attribute(device, capabilityMajor) * 10 + Attribute(device, capabilityMinor);
        _devices.Add(new CudaHardware(
            device, Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), (long)memory, capability,
            Attribute(device, multiprocessors)));
    }

    private int Attribute(int device, int attribute)
    {
        int value = 0;
        _ = Api!.DeviceGetAttribute(&value, attribute, device);
        return value;
    }

    private static string? ModuleVersion()
    {
        try
        {
            const string file = "/proc/driver/nvidia/version";
            Match match = VersionNumber().Match(File.Exists(file) ? File.ReadAllText(file) : "");
            return match.Success ? match.Value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\b\d{3,}\.\d+(\.\d+)?\b")]
    private static partial Regex VersionNumber();
}
