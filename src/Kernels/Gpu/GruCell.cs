using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// One step of a GRU, element by element over strided rows of H columns a gate. Launch: groups of 256 over rows·⌈H/4⌉ quads, one a work item.
/// </summary>
internal static partial class GruCellKernels
{
    /// <summary>r, z = σ of gates + u; n = tanh(gates + r·u) with u = recurrent + bias; hidden = (1 − z)·n + z·before</summary>
    [Kernel(256)]
    public static void GruCellForward(
        ArrayView<float> gates, int gatesStride, ArrayView<float> recurrent, int recurrentStride, ArrayView<float> bias,
        ArrayView<float> before, int beforeStride, ArrayView<float> hidden, int hiddenStride, int rows, int width, int vector, int hasState)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (width + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = width - column, at = row * gatesStride + column, from = row * recurrentStride + column;
        Float4 ur = Quad.Load(bias, vector, column, valid);
        Float4 uz = Quad.Load(bias, vector, column + width, valid);
        Float4 un = Quad.Load(bias, vector, column + 2 * width, valid);
        var past = new Float4(0f, 0f, 0f, 0f);
        if (hasState != 0)
        {
            ur = Quad.Add(ur, Quad.Load(recurrent, vector, from, valid));
            uz = Quad.Add(uz, Quad.Load(recurrent, vector, from + width, valid));
            un = Quad.Add(un, Quad.Load(recurrent, vector, from + 2 * width, valid));
            past = Quad.Load(before, vector, row * beforeStride + column, valid);
        }

        Float4 r = CellMath.Sigmoid(Quad.Add(Quad.Load(gates, vector, at, valid), ur));
        Float4 z = CellMath.Sigmoid(Quad.Add(Quad.Load(gates, vector, at + width, valid), uz));
        Float4 n = CellMath.Tanh(Quad.Fma(r, un, Quad.Load(gates, vector, at + 2 * width, valid)));
        Quad.Store(gates, vector, at, valid, r);
        Quad.Store(gates, vector, at + width, valid, z);
        Quad.Store(gates, vector, at + 2 * width, valid, n);
        Quad.Store(recurrent, vector, from + 2 * width, valid, un);
        Quad.Store(hidden, vector, row * hiddenStride + column, valid, Quad.Fma(z, past, Quad.Multiply(CellMath.OneMinus(z), n)));
    }

    /// <summary>The gradients of a in place of the gates and of u in place of the recurrent part; dState becomes its direct part.</summary>
    [Kernel(256)]
    public static void GruCellBackward(
        ArrayView<float> dHidden, int dHiddenStride, ArrayView<float> gates, int gatesStride, ArrayView<float> recurrent, int recurrentStride,
        ArrayView<float> before, int beforeStride, ArrayView<float> dState, int dStateStride,
        int rows, int width, int vector, int hasState, int isLast)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (width + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = width - column, at = row * gatesStride + column, from = row * recurrentStride + column;
        Float4 r = Quad.Load(gates, vector, at, valid);
        Float4 z = Quad.Load(gates, vector, at + width, valid);
        Float4 n = Quad.Load(gates, vector, at + 2 * width, valid);
        Float4 un = Quad.Load(recurrent, vector, from + 2 * width, valid);
        Float4 dh = Quad.Load(dHidden, vector, row * dHiddenStride + column, valid);
        var past = new Float4(0f, 0f, 0f, 0f);
        if (isLast == 0)
            dh = Quad.Add(dh, Quad.Load(dState, vector, row * dStateStride + column, valid));
        if (hasState != 0)
            past = Quad.Load(before, vector, row * beforeStride + column, valid);
        Float4 dn = Quad.Multiply(Quad.Multiply(dh, CellMath.OneMinus(z)), CellMath.OneMinus(Quad.Multiply(n, n)));
        Float4 dr = Quad.Multiply(Quad.Multiply(dn, un), Quad.Multiply(r, CellMath.OneMinus(r)));
        Float4 dz = Quad.Multiply(Quad.Multiply(dh, Quad.Subtract(past, n)), Quad.Multiply(z, CellMath.OneMinus(z)));
        Quad.Store(gates, vector, at, valid, dr);
        Quad.Store(gates, vector, at + width, valid, dz);
        Quad.Store(gates, vector, at + 2 * width, valid, dn);
        Quad.Store(recurrent, vector, from, valid, dr);
        Quad.Store(recurrent, vector, from + width, valid, dz);
        Quad.Store(recurrent, vector, from + 2 * width, valid, Quad.Multiply(dn, r));
        Quad.Store(dState, vector, row * dStateStride + column, valid, Quad.Multiply(dh, z));
    }
}

internal sealed partial class GpuOperations
{
    public void GruCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previous, MatrixView hidden) =>
        GruCellKernels.GruCellForward(
            _device, QuadGroups(hidden), gates.Data, gates.Stride, recurrent.Data, recurrent.Stride, bias, previous.Data, previous.Stride,
            hidden.Data, hidden.Stride, hidden.Rows, hidden.Columns,
            Vector(
                gates.Data, recurrent.Data, bias, previous.Data, hidden.Data,
                lengths: gates.Stride | recurrent.Stride | previous.Stride | hidden.Stride | hidden.Columns),
            Flag(!previous.IsEmpty));

    public void GruCellBackward(
        MatrixView dHidden, MatrixView gates, MatrixView recurrent, MatrixView previous, MatrixView dState, bool isLast) =>
        GruCellKernels.GruCellBackward(
            _device, QuadGroups(dHidden), dHidden.Data, dHidden.Stride, gates.Data, gates.Stride, recurrent.Data, recurrent.Stride,
            previous.Data, previous.Stride, dState.Data, dState.Stride, dHidden.Rows, dHidden.Columns,
            Vector(
                dHidden.Data, gates.Data, recurrent.Data, previous.Data, dState.Data,
                lengths: dHidden.Stride | gates.Stride | recurrent.Stride | previous.Stride | dState.Stride | dHidden.Columns),
            Flag(!previous.IsEmpty), Flag(isLast));
}
