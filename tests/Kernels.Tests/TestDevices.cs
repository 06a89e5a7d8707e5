using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Tests;

/// <summary>A device under test.</summary>
/// <param name="Family">Devices of one family must give the same bits.</param>
/// <param name="Name">Unique, for the test's name.</param>
/// <param name="Create">Opens it; called once.</param>
internal sealed record TestDevice(string Family, string Name, Func<Device> Create)
{
    private readonly Lazy<Device> _device = new(Create);

    public Device Device => _device.Value;
}

/// <summary>All devices that the operation table runs on. A further device is one entry here.</summary>
internal static class TestDevices
{
    private static readonly int[] ThreadCounts = [1, 2, 3];

    public static IReadOnlyList<TestDevice> All { get; } =
    [
        .. from width in VectorWidths.Available
           from threads in ThreadCounts
           select new TestDevice("host", $"host, {VectorWidths.Word(width)}, {threads} threads", () => new HostDevice(threads, width)),
        .. from entry in DeviceCatalog.List()
           where entry.IsAvailable && IsGpu(entry.Name)
           select new TestDevice(entry.Name, entry.Name, () => DeviceCatalog.Open(entry.Name)),
    ];

    /// <summary>The devices among them that run the kernels of <c>Gpu/</c>.</summary>
    public static IReadOnlyList<TestDevice> Gpu { get; } = [.. All.Where(device => IsGpu(device.Name))];

    public static TestDevice Reference { get; } = new("reference", "reference", () => new ReferenceDevice());

    public static TestDevice Named(string name) => All.Single(d => d.Name == name);

    private static bool IsGpu(string name) => name.Contains(':', StringComparison.Ordinal);
}
