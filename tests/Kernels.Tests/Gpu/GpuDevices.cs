using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>The devices of this machine that run the kernels of <c>Gpu/</c>.</summary>
internal static class GpuDevices
{
    private const string RequireVariable = "P6B_REQUIRE_DEVICE";

    /// <summary>Stands for all devices where there is none, so that the tests say what was not run.</summary>
    private const string None = "none";

    /// <summary>Names, for a theory: the devices found, and each family that the environment requires and that is missing.</summary>
    public static TheoryData<string> Names()
    {
        string[] names = [.. DeviceCatalog.List().Where(e => e.IsAvailable && e.Name.Contains(':', StringComparison.Ordinal)).Select(e => e.Name)];
        string[] required = (Environment.GetEnvironmentVariable(RequireVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        string[] missing = [.. required.Where(family => !names.Any(name => name.StartsWith(family, StringComparison.Ordinal)))];
        return [.. names.Length + missing.Length == 0 ? [None] : names, .. missing];
    }

    /// <summary>Opens a device; where there is none the test is skipped, or fails if the environment asks for it.</summary>
    public static GpuDevice Open(string name)
    {
        if (name == None)
            Assert.Skip("No OpenCL or CUDA device on this machine: nothing was run on one.");
        return Assert.IsType<GpuDevice>(DeviceCatalog.Open(name), exactMatch: false);
    }

    /// <summary>Opens a device that keeps its programs in a folder of the test.</summary>
    public static GpuDevice Open(string name, ProgramCache cache)
    {
        using GpuDevice found = Open(name);
        int index = int.Parse(name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return found is OpenClDevice ? new OpenClDevice(name, OpenClPlatforms.Devices[index], cache)
            : new CudaDevice(name, CudaDriver.Instance.Devices[index], CudaDriver.Instance, DeviceCatalog.CudaCompiler!, cache);
    }
}
