using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>Every operation as launches of C# kernels; one file each, kernels and launches side by side.</summary>
internal sealed partial class GpuOperations : IOperations
{
    private readonly GpuDevice _device;
    private readonly DeviceScratch _scratch;
    private readonly StepScalars _stepScalars;

    /// <summary>Operations whose memory lives as long as the device.</summary>
    public GpuOperations(GpuDevice device)
    {
        (_device, _scratch, _stepScalars) = (device, new DeviceScratch(device), new StepScalars(device));
        UsePackedPanels = device.IsProcessor;
        device.BeforeReplay = _stepScalars.Refresh;
    }

    /// <summary>1 where every view starts at a multiple of 16 bytes, and every length given is a multiple of four floats; else 0.</summary>
    private static int Vector(View a, View b = default, View c = default, View d = default, View e = default, View f = default, int lengths = 0) =>
        ((a.Offset | b.Offset | c.Offset | d.Offset | e.Offset | f.Offset | (long)lengths) & 3) == 0 ? 1 : 0;

    private static int Flag(bool value) => value ? 1 : 0;

    /// <summary>Number of elements of a dense matrix; kernels count in int.</summary>
    private static int Count(MatrixView matrix) => checked(matrix.Rows * matrix.Columns);

    /// <summary>Groups of <paramref name="size"/> that cover <paramref name="items"/>.</summary>
    private static int Groups(int items, int size) => (int)(((long)items + size - 1) / size);
}
