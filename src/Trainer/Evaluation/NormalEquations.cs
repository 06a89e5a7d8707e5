using P6bNative.Kernels.Devices;

namespace P6bNative.Trainer.Evaluation;

/// <summary>The sums over all rows that a linear regression is solved from.</summary>
internal sealed class NormalEquations
{
    /// <summary>All zero.</summary>
    /// <param name="inputWidth">Columns of X.</param>
    /// <param name="outputWidth">Columns of Y.</param>
    public NormalEquations(int inputWidth, int outputWidth)
    {
        Gram = StridedMatrix.OfRows(new double[(long)inputWidth * inputWidth], inputWidth);
        Cross = StridedMatrix.OfRows(new double[(long)inputWidth * outputWidth], outputWidth);
    }

    /// <summary>XᵀX [InputWidth, InputWidth]; only the lower triangle is defined.</summary>
    public StridedMatrix Gram { get; }

    /// <summary>XᵀY [InputWidth, OutputWidth].</summary>
    public StridedMatrix Cross { get; }

    /// <summary>Sums over rows, the short way where they are windows that overlap enough.</summary>
    /// <param name="device">Computes the products.</param>
    /// <param name="rows">The data.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public static NormalEquations Of(Device device, IRegressionRows rows, CancellationToken stop)
    {
        var equations = new NormalEquations(rows.InputWidth, rows.OutputWidth);
        using var sums = new ProductSums(device, rows);
        if (rows is IWindowRows windows && new LaggedProducts(windows) is { IsCheaper: true } lagged) lagged.AddTo(equations, sums, stop);
        else equations.Add(rows, sums, stop);
        return equations;
    }

    private void Add(IRegressionRows rows, ProductSums sums, CancellationToken stop)
    {
        for (int first = 0; first < rows.Count; first += sums.BlockRows)
        {
            stop.ThrowIfCancellationRequested();
            (MatrixView x, MatrixView y) = sums.Load(rows, first, Math.Min(sums.BlockRows, rows.Count - first));
            sums.AddLowerTriangle(x, Gram);
            sums.Add(x, y, Cross);
        }
    }
}
