using System.Runtime.InteropServices;
using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// Finds OpenCL devices: through the loader of the system, then through vendors' libraries that the loader does not know of. In containers
/// the driver's library is often there while the .icd file that names it, or the loader itself, is not.
/// </summary>
internal sealed unsafe class OpenClPlatforms
{
    private static readonly Lazy<OpenClPlatforms> Found = new(() => new OpenClPlatforms());

    private readonly List<OpenClHardware> _devices = [];
    private readonly List<string> _platforms = [];

    private OpenClPlatforms()
    {
        string? loader = null;
        foreach (string name in Loaders())
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
                continue;
            loader = name;
            AddLoader(library);
            break;
        }
        foreach ((string word, string[] files) in Vendors())
        {
            if (_platforms.Exists(platform => platform.Contains(word, StringComparison.OrdinalIgnoreCase)))
                continue;
            foreach (string file in files)
            {
                if (NativeLibrary.TryLoad(file, out nint library) && AddVendor(library))
                    break;
            }
        }
        State = _devices.Count > 0 ? $"{_devices.Count} found"
            : _platforms.Count > 0 ? $"OpenCL library found but no device: {string.Join(", ", _platforms)}"
            : loader is not null ? $"{loader} found but no platform: install the driver of the graphics card"
            : $"{Loaders()[0]} not found";
    }

    /// <summary>The devices of this machine, in order of platform and device; looked for once a process.</summary>
    public static IReadOnlyList<OpenClHardware> Devices => Found.Value._devices;

    /// <summary>What was found, or why nothing was.</summary>
    public static string Finding => Found.Value.State;

    private string State { get; }

    /// <summary>The name of a platform.</summary>
    public static string PlatformName(OpenClApi api, nint platform)
    {
        byte* text = stackalloc byte[256];
        nuint size;
        return api.GetPlatformInfo(platform, 0x0902, 256, text, &size) == 0 && size > 0 ? Encoding.UTF8.GetString(text, (int)size - 1).Trim() : "OpenCL";
    }

    private static string[] Loaders() => OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    private static (string Word, string[] Files)[] Vendors() => OperatingSystem.IsLinux()
        ?
        [
            ("NVIDIA", ["libnvidia-opencl.so.1"]),
            ("AMD", ["libamdocl64.so", "/opt/rocm/lib/libamdocl64.so"]),
            ("Intel", ["libigdrcl.so", "/usr/lib/x86_64-linux-gnu/intel-opencl/libigdrcl.so", "/usr/lib64/intel-opencl/libigdrcl.so"]),
            ("Portable", ["libpocl.so.2"]),
        ]
        : [];

    private void AddLoader(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "clGetPlatformIDs", out nint list))
            return;
        try
        {
            var api = new OpenClApi((name, _) => name == OpenClApi.OptionalFunction && !NativeLibrary.TryGetExport(library, name, out nint _)
                ? 0
                : NativeLibrary.GetExport(library, name));
            AddPlatforms((delegate* unmanaged<uint, nint*, uint*, int>)list, _ => api);
        }
        catch (EntryPointNotFoundException)
        {
            // An OpenCL older than 1.2 lacks functions: no platform of it can be used.
        }
    }

    private bool AddVendor(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "clGetExtensionFunctionAddress", out nint find))
            return false;
        nint list;
        fixed (byte* name = "clIcdGetPlatformIDsKHR\0"u8)
            list = ((delegate* unmanaged<byte*, nint>)find)(name);
        return list != 0 && AddPlatforms((delegate* unmanaged<uint, nint*, uint*, int>)list, TableApi);
    }

    // The first word of every object of an installable driver is the address of its dispatch table.
    private static OpenClApi TableApi(nint platform) => new((_, place) => (*(nint**)platform)[place]);

    private bool AddPlatforms(delegate* unmanaged<uint, nint*, uint*, int> list, Func<nint, OpenClApi> api)
    {
        uint count;
        if (list(0, null, &count) != OpenClStatus.Success || count == 0)
            return false;
        nint[] platforms = new nint[count];
        fixed (nint* p = platforms)
        {
            if (list(count, p, null) != OpenClStatus.Success)
                return false;
        }
        foreach (nint platform in platforms)
            AddDevices(api(platform), platform);
        return true;
    }

    private void AddDevices(OpenClApi api, nint platform)
    {
        const ulong all = 0xFFFFFFFF;
        _platforms.Add(PlatformName(api, platform));
        uint count;
        if (api.GetDeviceIds(platform, all, 0, null, &count) != OpenClStatus.Success || count == 0)
            return;
        nint[] devices = new nint[count];
        fixed (nint* p = devices)
        {
            if (api.GetDeviceIds(platform, all, count, p, null) != OpenClStatus.Success)
                return;
        }
        foreach (nint device in devices)
            _devices.Add(new OpenClHardware(api, platform, device));
    }
}
