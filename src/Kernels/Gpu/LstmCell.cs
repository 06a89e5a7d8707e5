using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// One step of an LSTM, element by element over strided rows of H columns a gate. Launch: groups of 256 over rows·⌈H/4⌉ quads, one a work item.
/// </summary>
internal static partial class LstmCellKernels
{
    /// <summary>i, f, g, o = σ, σ, tanh, σ of gates + recurrent + bias; cell = f·before + i·g; hidden = o·tanh(cell)</summary>
    [Kernel(256)]
    public static void LstmCellForward(
        ArrayView<float> gates, int gatesStride, ArrayView<float> recurrent, int recurrentStride, ArrayView<float> bias,
        ArrayView<float> before, int beforeStride, ArrayView<float> cell, int cellStride, ArrayView<float> hidden, int hiddenStride,
        int rows, int width, int vector, int hasState)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (width + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = width - column, at = row * gatesStride + column;
        Float4 i = Quad.Add(Quad.Load(gates, vector, at, valid), Quad.Load(bias, vector, column, valid));
        Float4 f = Quad.Add(Quad.Load(gates, vector, at + width, valid), Quad.Load(bias, vector, column + width, valid));
        Float4 g = Quad.Add(Quad.Load(gates, vector, at + 2 * width, valid), Quad.Load(bias, vector, column + 2 * width, valid));
        Float4 o = Quad.Add(Quad.Load(gates, vector, at + 3 * width, valid), Quad.Load(bias, vector, column + 3 * width, valid));
        var past = new Float4(0f, 0f, 0f, 0f);
        if (hasState != 0)
        {
            int from = row * recurrentStride + column;
            i = Quad.Add(i, Quad.Load(recurrent, vector, from, valid));
            f = Quad.Add(f, Quad.Load(recurrent, vector, from + width, valid));
            g = Quad.Add(g, Quad.Load(recurrent, vector, from + 2 * width, valid));
            o = Quad.Add(o, Quad.Load(recurrent, vector, from + 3 * width, valid));
            past = Quad.Load(before, vector, row * beforeStride + column, valid);
        }

        i = CellMath.Sigmoid(i);
        f = CellMath.Sigmoid(f);
        g = CellMath.Tanh(g);
        o = CellMath.Sigmoid(o);
        Float4 state = Quad.Fma(f, past, Quad.Multiply(i, g));
        Quad.Store(gates, vector, at, valid, i);
        Quad.Store(gates, vector, at + width, valid, f);
        Quad.Store(gates, vector, at + 2 * width, valid, g);
        Quad.Store(gates, vector, at + 3 * width, valid, o);
        Quad.Store(cell, vector, row * cellStride + column, valid, state);
        Quad.Store(hidden, vector, row * hiddenStride + column, valid, Quad.Multiply(o, CellMath.Tanh(state)));
    }

    /// <summary>The gradients of the gates' arguments in place of the gates, and of the cell before in place of the cell's.</summary>
    [Kernel(256)]
    public static void LstmCellBackward(
        ArrayView<float> dHidden, int dHiddenStride, ArrayView<float> dNext, int dNextStride, ArrayView<float> gates, int gatesStride,
        ArrayView<float> cell, int cellStride, ArrayView<float> before, int beforeStride, ArrayView<float> dCell, int dCellStride,
        int rows, int width, int vector, int hasNext, int hasState)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (width + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = width - column, at = row * gatesStride + column;
        Float4 i = Quad.Load(gates, vector, at, valid);
        Float4 f = Quad.Load(gates, vector, at + width, valid);
        Float4 g = Quad.Load(gates, vector, at + 2 * width, valid);
        Float4 o = Quad.Load(gates, vector, at + 3 * width, valid);
        Float4 t = CellMath.Tanh(Quad.Load(cell, vector, row * cellStride + column, valid));
        Float4 dh = Quad.Load(dHidden, vector, row * dHiddenStride + column, valid);
        var dc = new Float4(0f, 0f, 0f, 0f);
        var past = new Float4(0f, 0f, 0f, 0f);
        if (hasNext != 0)
        {
            dh = Quad.Add(dh, Quad.Load(dNext, vector, row * dNextStride + column, valid));
            dc = Quad.Load(dCell, vector, row * dCellStride + column, valid);
        }

        if (hasState != 0)
            past = Quad.Load(before, vector, row * beforeStride + column, valid);
        dc = Quad.Fma(Quad.Multiply(dh, o), CellMath.OneMinus(Quad.Multiply(t, t)), dc);
        Float4 slope = CellMath.OneMinus(Quad.Multiply(g, g));
        Quad.Store(gates, vector, at, valid, Quad.Multiply(Quad.Multiply(dc, g), Slope(i)));
        Quad.Store(gates, vector, at + width, valid, Quad.Multiply(Quad.Multiply(dc, past), Slope(f)));
        Quad.Store(gates, vector, at + 2 * width, valid, Quad.Multiply(Quad.Multiply(dc, i), slope));
        Quad.Store(gates, vector, at + 3 * width, valid, Quad.Multiply(Quad.Multiply(dh, t), Slope(o)));
        Quad.Store(dCell, vector, row * dCellStride + column, valid, Quad.Multiply(dc, f));
    }

    /// <summary>σ′ from σ.</summary>
    private static Float4 Slope(Float4 sigmoid) => Quad.Multiply(sigmoid, CellMath.OneMinus(sigmoid));
}

internal sealed partial class GpuOperations
{
    public void LstmCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previousCell, MatrixView cell, MatrixView hidden) =>
        LstmCellKernels.LstmCellForward(
            _device, QuadGroups(cell), gates.Data, gates.Stride, recurrent.Data, recurrent.Stride, bias, previousCell.Data, previousCell.Stride,
            cell.Data, cell.Stride, hidden.Data, hidden.Stride, cell.Rows, cell.Columns,
            Vector(
                gates.Data, recurrent.Data, bias, previousCell.Data, cell.Data, hidden.Data,
                lengths: gates.Stride | recurrent.Stride | previousCell.Stride | cell.Stride | hidden.Stride | cell.Columns),
            Flag(!recurrent.IsEmpty));

    public void LstmCellBackward(
        MatrixView dHidden, MatrixView dNext, MatrixView gates, MatrixView cell, MatrixView previousCell, MatrixView dCell) =>
        LstmCellKernels.LstmCellBackward(
            _device, QuadGroups(cell), dHidden.Data, dHidden.Stride, dNext.Data, dNext.Stride, gates.Data, gates.Stride,
            cell.Data, cell.Stride, previousCell.Data, previousCell.Stride, dCell.Data, dCell.Stride, cell.Rows, cell.Columns,
            Vector(
                dHidden.Data, dNext.Data, gates.Data, cell.Data, previousCell.Data, dCell.Data,
                lengths: dHidden.Stride | dNext.Stride | gates.Stride | cell.Stride | previousCell.Stride | dCell.Stride | cell.Columns),
            Flag(!dNext.IsEmpty), Flag(!previousCell.IsEmpty));
}
