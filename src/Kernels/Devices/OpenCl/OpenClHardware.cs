using System.Globalization;
using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>A device that an OpenCL driver offers, not opened yet.</summary>
/// <param name="api">The functions of its driver.</param>
/// <param name="platform">cl_platform_id</param>
/// <param name="device">cl_device_id</param>
internal sealed unsafe class OpenClHardware(OpenClApi api, nint platform, nint device)
{
    private const ulong ProcessorType = 1 << 1;
    private const ulong GraphicsType = 1 << 2;

    public OpenClApi Api => api;

    public nint Platform => platform;

    public nint Device => device;

    public string PlatformName { get; } = OpenClPlatforms.PlatformName(api, platform);

    public string Name { get; } = Text(api, device, 0x102B);

    public string Vendor { get; } = Text(api, device, 0x102C);

    public string Driver { get; } = Text(api, device, 0x102D);

    /// <summary>"OpenCL 3.0 ..."</summary>
    public string Version { get; } = Text(api, device, 0x102F);

    public string Extensions { get; } = Text(api, device, 0x1030);

    public bool IsProcessor { get; } = (Number<ulong>(api, device, 0x1000) & ProcessorType) != 0;

    public bool IsGraphics { get; } = (Number<ulong>(api, device, 0x1000) & GraphicsType) != 0;

    public int ComputeUnits { get; } = (int)Number<uint>(api, device, 0x1002);

    public int NativeVectorWidth { get; } = Math.Max(1, (int)Number<uint>(api, device, 0x103A));

    public long Memory { get; } = (long)Number<ulong>(api, device, 0x101F);

    public long LargestAllocation { get; } = (long)Number<ulong>(api, device, 0x1010);

    public bool HasCorrectlyRoundedDivision { get; } = (Number<ulong>(api, device, 0x101B) & (1 << 7)) != 0;

    /// <summary>What it is, for people.</summary>
    public string Description => $"{Name}, {PlatformName}, {(Version.Length > 10 ? Version[..10] : Version)}, {ComputeUnits} compute units";

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Obstacle
    {
        get
        {
            if (Number<uint>(api, device, 0x1027) == 0)
                return "the driver says it is not available";
            if (Number<uint>(api, device, 0x1028) == 0)
                return "its driver has no compiler";
            return VersionNumber() >= 1.2 ? null : $"it offers {Version}, and 1.2 is needed";
        }
    }

    /// <summary>A property of a command queue or an extension that is one 64-bit number; 0 where the driver does not know it.</summary>
    public ulong Property(uint parameter) => Number<ulong>(api, device, parameter);

    private double VersionNumber()
    {
        string[] words = Version.Split(' ');
        return words.Length > 1 && double.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : 0;
    }

    private static string Text(OpenClApi api, nint device, uint parameter)
    {
        nuint size;
        if (api.GetDeviceInfo(device, parameter, 0, null, &size) != 0 || size == 0)
            return "";
        byte[] bytes = new byte[(int)size];
        fixed (byte* p = bytes)
            return api.GetDeviceInfo(device, parameter, size, p, null) == 0 ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim() : "";
    }

    private static T Number<T>(OpenClApi api, nint device, uint parameter)
        where T : unmanaged
    {
        T value = default;
        return api.GetDeviceInfo(device, parameter, (nuint)sizeof(T), &value, null) == 0 ? value : default;
    }
}
