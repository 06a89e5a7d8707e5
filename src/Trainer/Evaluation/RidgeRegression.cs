using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Evaluation;

/// <summary>
/// The linear map W = (XᵀX + λI)⁻¹XᵀY without an intercept, the baseline that a model has to beat. Its
/// <see cref="NormalEquations"/> are summed and solved in double precision; predictions run on the device.
/// </summary>
internal sealed class RidgeRegression : IDisposable
{
    /// <summary>λ that the baselines of this project are quoted with.</summary>
    public const double BaselineLambda = 50;

    private const int RowsPerBlock = 4096;

    private readonly Device _device;
    private readonly Kernels.Devices.Buffer _weights;
    private readonly Kernels.Devices.Buffer _inputs;
    private readonly Kernels.Devices.Buffer _outputs;
    private readonly int _inputWidth;
    private readonly int _outputWidth;

    private RidgeRegression(Device device, double[] weights, int inputWidth, int outputWidth)
    {
        _device = device;
        _inputWidth = inputWidth;
        _outputWidth = outputWidth;
        Weights = weights;
        _weights = device.Allocate(weights.Length);
        _inputs = device.Allocate((long)RowsPerBlock * inputWidth);
        _outputs = device.Allocate((long)RowsPerBlock * outputWidth);
        device.Upload(weights, _weights.All);
    }

    /// <summary>W [InputWidth, OutputWidth], row by row.</summary>
    public ReadOnlyMemory<double> Weights { get; }

    /// <summary>Fits W.</summary>
    /// <param name="device">Computes XᵀX and XᵀY, and the predictions later; must outlive the result.</param>
    /// <param name="rows">The data.</param>
    /// <param name="lambda">λ, above 0.</param>
    /// <param name="threads">Threads that solve the system; 0 = one per core. The result does not depend on it.</param>
    /// <param name="stop">Gives the fit up.</param>
    /// <exception cref="InputException">The data are too large in magnitude for single precision.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public static RidgeRegression Fit(Device device, IRegressionRows rows, double lambda, int threads = 0, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lambda);
        int width = rows.InputWidth;
        NormalEquations equations = NormalEquations.Of(device, rows, stop);
        double[] gram = equations.Gram.Values, weights = equations.Cross.Values;
        for (int i = 0; i < width; i++) gram[(long)i * width + i] += lambda;
        if (!Cholesky.TrySolve(gram, width, weights, rows.OutputWidth, threads, stop))
            throw new InputException("the ridge baseline cannot be fitted: sums of squares of the training vectors are not finite.");
        return new RidgeRegression(device, weights, width, rows.OutputWidth);
    }

    /// <summary>Y = XW.</summary>
    /// <param name="inputs">count·InputWidth numbers.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="outputs">count·OutputWidth numbers, written.</param>
    public void Predict(ReadOnlySpan<float> inputs, int count, Span<float> outputs)
    {
        MatrixView weights = _weights.All.AsMatrix(_inputWidth, _outputWidth);
        for (int first = 0; first < count; first += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - first);
            View x = _inputs.All.Slice(0, (long)block * _inputWidth), y = _outputs.All.Slice(0, (long)block * _outputWidth);
            _device.Upload(inputs.Slice(first * _inputWidth, block * _inputWidth), x);
            _device.Operations.MatMul(MatMulForm.NN, x.AsMatrix(block, _inputWidth), weights, y.AsMatrix(block, _outputWidth), default, false);
            _device.Download(y, outputs.Slice(first * _outputWidth, block * _outputWidth));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _inputs.Dispose();
        _outputs.Dispose();
    }
}
