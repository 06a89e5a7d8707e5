using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y[b] = x[b·T + T − 1] over dense rows. Launch: groups of 256 over rows·⌈columns/4⌉ quads of the result, one a work item.</summary>
internal static partial class TakeLastKernels
{
    /// <summary>y[b,c] = x[b·T + T − 1, c]</summary>
    [Kernel(256)]
    public static void TakeLastForward(ArrayView<float> x, ArrayView<float> y, int length, int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 value = Quad.Load(x, vector, (quad.Row * length + length - 1) * columns + quad.Column, quad.Valid);
        Quad.Store(y, vector, quad.Row * columns + quad.Column, quad.Valid, value);
    }

    /// <summary>dX[b·T + T − 1, c] (+)= dY[b,c]; the rows between become 0, or stay as they are when accumulating.</summary>
    [Kernel(256)]
    public static void TakeLastBackward(ArrayView<float> dY, ArrayView<float> dX, int length, int rows, int columns, int vector, int accumulate)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        int sample = quad.Row / length;
        var gradient = new Float4(0f, 0f, 0f, 0f);
        if (quad.Row - sample * length == length - 1)
            gradient = Quad.Load(dY, vector, sample * columns + quad.Column, quad.Valid);
        else if (accumulate != 0)
            return;
        Quad.Put(dX, vector, quad.Row * columns + quad.Column, quad.Valid, gradient, accumulate);
    }
}

internal sealed partial class GpuOperations
{
    public void TakeLastForward(MatrixView x, MatrixView y) => TakeLastKernels.TakeLastForward(
        _device, QuadGroups(y), x.Data, y.Data, x.Rows / y.Rows, y.Rows, y.Columns, Vector(x.Data, y.Data, lengths: y.Columns));

    public void TakeLastBackward(MatrixView dY, MatrixView dX, bool accumulate) => TakeLastKernels.TakeLastBackward(
        _device, QuadGroups(dX), dY.Data, dX.Data, dX.Rows / dY.Rows, dX.Rows, dX.Columns,
        Vector(dY.Data, dX.Data, lengths: dX.Columns), Flag(accumulate));
}
