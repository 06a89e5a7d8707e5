using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;

namespace P6bNative.Trainer.Training;

/// <summary>The model and its loss statistics recorded for one number of windows, with the host side of their inputs and results.</summary>
internal sealed class BatchTape : IDisposable
{
    private readonly Device _device;
    private readonly Tensor _context;
    private readonly Tensor _target;
    private readonly VectorLoss _loss;
    private readonly double[] _statistics;
    private readonly double[] _coefficients;

    public BatchTape(Device device, TransformerVectorPredictor model, ParameterSet parameters, int rows, TapeMode mode)
    {
        _device = device;
        Rows = rows;
        int dimension = model.Config.InputDimension;
        int contextLength = model.Config.ContextLength;
        Tape = new Tape(device, mode);
        _context = Tape.Input("context", rows * contextLength, dimension);
        _target = Tape.Input("target", rows, dimension);
        Tensor raw = model.Record(Tape, parameters, _context);
        _loss = Tape.VectorLoss(raw, _target, _context, "loss");
        Tape.Seal();
        _statistics = new double[rows * LossStatistics.Columns(contextLength)];
        _coefficients = new double[rows * LossCoefficients.Columns];
    }

    /// <summary>The recorded step.</summary>
    public Tape Tape { get; }

    /// <summary>Windows in the batch.</summary>
    public int Rows { get; }

    /// <summary>[rows, 4] coefficients of the loss gradient, to be filled before <see cref="Backward"/>.</summary>
    public Span<double> Coefficients => _coefficients;

    /// <summary>Uploads a batch, runs the model and returns the per-sample statistics [rows, 4 + 2T]: the one host read of a step.</summary>
    public ReadOnlySpan<double> Forward(ReadOnlySpan<float> contexts, ReadOnlySpan<float> targets)
    {
        Upload(contexts, targets);
        return Forward();
    }

    /// <summary>Hands over a batch.</summary>
    public void Upload(ReadOnlySpan<float> contexts, ReadOnlySpan<float> targets)
    {
        _device.Upload(contexts, _context.Value.Data);
        _device.Upload(targets, _target.Value.Data);
    }

    /// <summary>Runs the model on the batch uploaded last.</summary>
    public ReadOnlySpan<double> Forward()
    {
        Tape.Forward();
        return ReadStatistics();
    }

    /// <summary>The statistics of the last forward pass.</summary>
    public ReadOnlySpan<double> ReadStatistics()
    {
        _device.Download(_loss.Statistics.Value.Data, _statistics);
        return _statistics;
    }

    /// <summary>Writes the gradients of all parameters for <see cref="Coefficients"/>.</summary>
    /// <param name="negativeSlot">Context slot the loss pushes away from.</param>
    public void Backward(int negativeSlot)
    {
        WriteCoefficients(negativeSlot);
        Tape.Backward();
    }

    /// <summary>Hands <see cref="Coefficients"/> to the device.</summary>
    /// <param name="negativeSlot">Context slot the loss pushes away from.</param>
    public void WriteCoefficients(int negativeSlot)
    {
        _loss.Slot = negativeSlot;
        _device.Upload(_coefficients, _loss.Coefficients.Value.Data);
    }

    /// <inheritdoc/>
    public void Dispose() => Tape.Dispose();
}
