using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>y = dropout(max(x, 0)) over dense elements. Launch: ⌈count/1024⌉ groups of 256, four elements a work item.</summary>
internal static partial class ReluDropoutKernels
{
    /// <summary>y[i] = keeps(i)·scale·max(x[i], 0); NaN stays NaN. In place allowed.</summary>
    [Kernel(256)]
    public static void ReluDropoutForward(
        ArrayView<float> x, ArrayView<float> y, int count, int vector, ArrayView<uint> key, uint site, uint threshold, float scale)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX);
        if (at >= count)
            return;
        Float4 value = Quad.Load(x, vector, at, count - at);
        value = new Float4(Relu(value.X), Relu(value.Y), Relu(value.Z), Relu(value.W));
        if (threshold != 0)
            value = DropoutLanes.ApplyQuad(value, (uint)at, DropoutLanes.StepKey(key, site), threshold, scale);
        Quad.Store(y, vector, at, count - at, value);
    }

    /// <summary>dX[i] (+)= dY[i]·scale where y[i] &gt; 0, else 0. In place allowed.</summary>
    [Kernel(256)]
    public static void ReluDropoutBackward(
        ArrayView<float> dY, ArrayView<float> y, ArrayView<float> dX, int count, int vector, float scale, int accumulate)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX);
        if (at >= count)
            return;
        Float4 gradient = Quad.Load(dY, vector, at, count - at);
        Float4 output = Quad.Load(y, vector, at, count - at);
        gradient = new Float4(
            output.X > 0 ? gradient.X * scale : 0f,
            output.Y > 0 ? gradient.Y * scale : 0f,
            output.Z > 0 ? gradient.Z * scale : 0f,
            output.W > 0 ? gradient.W * scale : 0f);
        Quad.Put(dX, vector, at, count - at, gradient, accumulate);
    }

    private static float Relu(float x) => x <= 0 ? 0f : x;
}

internal sealed partial class GpuOperations
{
    public void ReluDropoutForward(MatrixView x, MatrixView y, Dropout dropout)
    {
        int count = Count(x);
        ReluDropoutKernels.ReluDropoutForward(
            _device, new LaunchSize(Groups(count, 1024)), x.Data, y.Data, count, Vector(x.Data, y.Data),
            _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale);
    }

    public void ReluDropoutBackward(MatrixView dY, MatrixView y, MatrixView dX, Dropout dropout, bool accumulate)
    {
        int count = Count(y);
        ReluDropoutKernels.ReluDropoutBackward(
            _device, new LaunchSize(Groups(count, 1024)), dY.Data, y.Data, dX.Data, count, Vector(dY.Data, y.Data, dX.Data),
            dropout.Scale, Flag(accumulate));
    }
}
