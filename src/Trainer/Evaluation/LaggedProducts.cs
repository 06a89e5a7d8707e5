using System.Numerics.Tensors;
using P6bNative.Kernels.Devices;

namespace P6bNative.Trainer.Evaluation;

/// <summary>
/// The normal equations of windows that overlap. Let f(a, b) be the sum over all windows of vᵀw, v the vector at slot a and w the one at b. The
/// window one place on has the same vectors one slot earlier, so f(a + 1, b + 1) is f(a, b) less the first window of each run of such neighbours,
/// plus the last one taken a slot further on: one long product for each lag b − a, and short ones over the ends of the runs, the edges.
/// </summary>
internal sealed class LaggedProducts
{
    private readonly IWindowRows _rows;
    private readonly int _dimension;
    private readonly int _slots;
    private readonly int _skipped;
    private readonly int[] _firstOfRuns;
    private readonly int[] _lastOfRuns;

    /// <summary>Finds the runs.</summary>
    /// <param name="rows">The windows, in any order; those that follow their neighbour make the runs.</param>
    public LaggedProducts(IWindowRows rows)
    {
        (_rows, _dimension, _slots) = (rows, rows.OutputWidth, rows.InputWidth / rows.OutputWidth);
        _skipped = rows.TargetSlot - _slots;
        int[] starts = [.. Enumerable.Range(0, rows.Count).Where(row => row == 0 || rows.StartOf(row) != rows.StartOf(row - 1) + 1)];
        (_firstOfRuns, _lastOfRuns) = (starts, [.. starts.Skip(1).Append(rows.Count).Select(next => next - 1)]);
    }

    /// <summary>Whether this is less work than products of all pairs of slots.</summary>
    public bool IsCheaper
    {
        get
        {
            // In products of D x D numbers for each window, and for each edge.
            long all = _slots * (_slots + 1) / 2 + _slots, direct = _slots + DirectTargets;
            long edge = _slots * (_slots - 1) / 2 + LaggedTargets * (_skipped + 1);
            return direct * _rows.Count + 2 * edge * _firstOfRuns.Length < all * _rows.Count;
        }
    }

    // Lags of the target that are lags of two contexts, too: the target is reached from the last context in steps.
    private int LaggedTargets => Math.Max(0, _slots - 1 - _skipped);

    private int DirectTargets => _slots - LaggedTargets;

    // Vectors of an edge, from its first slot on: as far as a step of some lag begins.
    private int EdgeSlots => LaggedTargets > 0 ? _rows.TargetSlot : _slots - 1;

    /// <summary>Adds the sums over all windows to equations that are all zero.</summary>
    /// <param name="equations">Their sums.</param>
    /// <param name="sums">Computes the products.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public void AddTo(NormalEquations equations, ProductSums sums, CancellationToken stop)
    {
        for (int first = 0; first < _rows.Count; first += sums.BlockRows)
        {
            stop.ThrowIfCancellationRequested();
            (MatrixView x, MatrixView y) = sums.Load(_rows, first, Math.Min(sums.BlockRows, _rows.Count - first));
            sums.Add(x, Slots(x, 0, 1), equations.Gram);
            sums.Add(Slots(x, 0, DirectTargets), y, equations.Cross);
        }

        // A step leaves the vectors of the first window behind and takes those of the last one in, one slot further on.
        AddEdges(_firstOfRuns, 0, subtract: true, equations, sums, stop);
        AddEdges(_lastOfRuns, 1, subtract: false, equations, sums, stop);
        SumAlongLags(equations);
    }

    // The step from slots (a, b) to (a + 1, b + 1) stands in the block of XᵀX that it leads to; all steps from the last context on to the
    // target stand in the block of XᵀY.
    private void AddEdges(int[] windows, int shift, bool subtract, NormalEquations equations, ProductSums sums, CancellationToken stop)
    {
        int width = EdgeSlots * _dimension, blockRows = sums.Capacity / width;
        for (int first = 0; first < windows.Length; first += blockRows)
        {
            stop.ThrowIfCancellationRequested();
            int from = first;
            MatrixView edges = sums.Load(Math.Min(blockRows, windows.Length - first), width, (row, vectors) =>
            {
                for (int slot = 0; slot < EdgeSlots; slot++)
                    _rows.CopyVector(windows[from + row], slot + shift, vectors.Slice(slot * _dimension, _dimension));
            });
            sums.AddLowerTriangle(Slots(edges, 0, _slots - 1), equations.Gram.At(_dimension, _dimension), subtract);
            StridedMatrix targets = equations.Cross.At(DirectTargets * _dimension, 0);
            for (int step = 0; step <= _skipped && LaggedTargets > 0; step++)
                sums.Add(Slots(edges, step, LaggedTargets), Slots(edges, _slots - 1 + step, 1), targets, subtract);
        }
    }

    private void SumAlongLags(NormalEquations equations)
    {
        for (int row = _dimension; row < _slots * _dimension; row++)
        {
            Span<double> sum = equations.Gram.At(0, _dimension).Run(row, row - _dimension + 1);
            TensorPrimitives.Add(sum, equations.Gram.Run(row - _dimension, sum.Length), sum);
        }

        // The lags of the last context, transposed.
        StridedMatrix last = equations.Gram.At((_slots - 1) * _dimension, 0), targets = equations.Cross.At(DirectTargets * _dimension, 0);
        for (int row = 0; row < LaggedTargets * _dimension; row++)
        {
            Span<double> sum = targets.Run(row, _dimension);
            for (int column = 0; column < _dimension; column++) sum[column] += last.Run(column, row + 1)[row];
        }
    }

    private MatrixView Slots(MatrixView vectors, int first, int count) => vectors.SliceColumns(first * _dimension, count * _dimension);
}
