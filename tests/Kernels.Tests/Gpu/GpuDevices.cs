using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>The devices of this machine that run the kernels of <c>Gpu/</c>.</summary>
internal static class GpuDevices
{
    private const string RequireVariable = "P6B_REQUIRE_DEVICE";

    /// <summary>Stands for all devices where there is none, so that the tests say what was not run.</summary>
    private const string None = "none";

    /// <summary>Names, for a theory.</summary>
    public static TheoryData<string> Names()
    {
        string[] names = [.. DeviceCatalog.List().Where(e => e.IsAvailable && e.Name.Contains(':', StringComparison.Ordinal)).Select(e => e.Name)];
        string[] required = (Environment.GetEnvironmentVariable(RequireVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return [.. names.Length == 0 ? [None] : names, .. required.Where(family => !names.Any(name => name.StartsWith(family, StringComparison.Ordinal)))];
    }

    /// <summary>Opens a device; where there is none the test is skipped, or fails if the environment asks for it.</summary>
    public static GpuDevice Open(string name)
    {
        if (name == None)
            Assert.Skip("No OpenCL or CUDA device on this machine: nothing was run on one.");
        return Assert.IsType<GpuDevice>(DeviceCatalog.Open(name), exactMatch: false);
    }
}
