using P6bNative.Kernels.Devices;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>The OpenCL and CUDA devices of this machine. P6B_REQUIRE_DEVICE names families, e.g. <c>opencl</c>, whose absence is a failure.</summary>
internal static class GpuDevices
{
    private const string Variable = "P6B_REQUIRE_DEVICE";
    private static readonly string[] Families = ["opencl", "cuda"];

    /// <summary>A name for each test: every usable device; a family without one by its own name, so that its absence shows.</summary>
    public static TheoryData<string> Names
    {
        get
        {
            string[] usable = [.. DeviceCatalog.List().Where(entry => entry.IsAvailable).Select(entry => entry.Name)];
            var names = new TheoryData<string>();
            foreach (string family in Families)
            {
                string[] devices = [.. usable.Where(name => name.StartsWith(family + ":", StringComparison.Ordinal))];
                names.AddRange(devices.Length > 0 ? devices : [family]);
            }

            return names;
        }
    }

    /// <summary>Skips a test whose family has no device here, or fails it where one is required.</summary>
    public static void Require(string name)
    {
        if (name.Contains(':')) return;
        string required = Environment.GetEnvironmentVariable(Variable) ?? "";
        Assert.False(required.Split(',').Contains(name), $"{Variable}={required}, but this machine has no usable {name} device.");
        Assert.Skip($"No usable {name} device on this machine: nothing was run on one.");
    }
}
