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
    private readonly ReplayedWork _forward;
    private readonly ReplayedWork _backward;
    private readonly Tensor? _raw;
    private readonly double[] _rawOnHost;
    private readonly double[] _rawGradient;

    /// <param name="device">Where it runs.</param>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="rows">Windows in the batch.</param>
    /// <param name="mode">Training or inference.</param>
    /// <param name="negativeSlot">Context slot the loss pushes away from.</param>
    /// <param name="rawOnHost">The host reads the raw outputs, and in training gives a gradient of its own to them: <see cref="RawGradient"/>.</param>
    /// <param name="update">Operations that follow the backward pass, recorded with it: the optimizer.</param>
    public BatchTape(
        Device device, IVectorPredictor model, ParameterSet parameters, int rows, TapeMode mode, int negativeSlot = 0, bool rawOnHost = false,
        Action? update = null)
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
        _loss.Slot = negativeSlot;
        if (rawOnHost)
        {
            _raw = raw;
            Tape.Output(raw);
        }

        Tape.Seal();
        _rawOnHost = new double[rawOnHost ? raw.Length : 0];
        _rawGradient = new double[rawOnHost && mode == TapeMode.Training ? raw.Length : 0];
        _statistics = new double[rows * LossStatistics.Columns(contextLength)];
        _coefficients = new double[rows * LossCoefficients.Columns];
        _forward = new ReplayedWork(device, Tape.Forward);
        _backward = new ReplayedWork(device, () =>
        {
            Tape.Backward();
            update?.Invoke();
        });
    }

    /// <summary>The recorded step.</summary>
    public Tape Tape { get; }

    /// <summary>Windows in the batch.</summary>
    public int Rows { get; }

    /// <summary>[rows, 4] coefficients of the loss gradient, to be filled before <see cref="Backward"/>.</summary>
    public Span<double> Coefficients => _coefficients;

    /// <summary>[rows, 4 + 3T] per-sample statistics of the last <see cref="Forward()"/>, on the device.</summary>
    public View Statistics => _loss.Statistics.Value.Data;

    /// <summary>Where <see cref="Statistics"/> are read to.</summary>
    public Span<double> StatisticsOnHost => _statistics;

    /// <summary>[rows, D], where the tape was made for it: a gradient of the raw outputs to be filled before <see cref="Backward"/>, which adds the loss's to it.</summary>
    public Span<double> RawGradient => _rawGradient;

    /// <summary>Uploads a batch, runs the model and returns the per-sample statistics [rows, 4 + 3T].</summary>
    public ReadOnlySpan<double> Forward(ReadOnlySpan<float> contexts, ReadOnlySpan<float> targets)
    {
        Upload(contexts, targets);
        Forward();
        return ReadStatistics();
    }

    /// <summary>Hands over a batch.</summary>
    public void Upload(ReadOnlySpan<float> contexts, ReadOnlySpan<float> targets)
    {
        _device.Upload(contexts, _context.Value.Data);
        _device.Upload(targets, _target.Value.Data);
    }

    /// <summary>Asks for the model's forward pass on the batch uploaded last.</summary>
    public void Forward() => _forward.Run();

    /// <summary>The statistics of the last forward pass.</summary>
    public ReadOnlySpan<double> ReadStatistics()
    {
        _device.Download(Statistics, _statistics);
        return _statistics;
    }

    /// <summary>The raw outputs [rows, D] of the last forward pass, where the tape was made for it.</summary>
    public ReadOnlySpan<double> ReadRaw()
    {
        _device.Download(_raw!.Value.Data, _rawOnHost);
        return _rawOnHost;
    }

    /// <summary>Asks for the gradients of all parameters for <see cref="Coefficients"/>, and the update.</summary>
    public void Backward()
    {
        WriteCoefficients();
        _backward.Run();
    }

    /// <summary>Hands <see cref="Coefficients"/>, and where there is one <see cref="RawGradient"/>, to the device.</summary>
    public void WriteCoefficients()
    {
        _device.Upload(_coefficients, _loss.Coefficients.Value.Data);
        if (_rawGradient.Length > 0) _device.Upload(_rawGradient, _raw!.Gradient.Data);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
        Tape.Dispose();
    }
}
