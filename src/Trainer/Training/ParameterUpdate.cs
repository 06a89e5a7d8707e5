using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;

namespace P6bNative.Trainer.Training;

/// <summary>
/// AdamW over the flat buffers of a model: in one pass, or in two where the model has slot skips, which learn ten times as fast and do not
/// decay. Both share the gradient norm over everything, so clipping scales all gradients alike.
/// </summary>
internal sealed class ParameterUpdate
{
    /// <summary>Learning rate of the slot skips over that of the other parameters.</summary>
    public const double SlotSkipsRate = 10;

    private readonly ParameterSet _parameters;
    private readonly AdamWSettings _usual;
    private readonly AdamWSettings? _skips;
    private readonly long _skipsStart;

    /// <param name="parameters">What is trained.</param>
    /// <param name="weightDecay">Decoupled decay of all but the slot skips.</param>
    /// <param name="clip">Largest gradient norm.</param>
    public ParameterUpdate(ParameterSet parameters, double weightDecay, double clip)
    {
        _parameters = parameters;
        _usual = new AdamWSettings { WeightDecay = weightDecay, MaxGradientNorm = clip };
        _skipsStart = parameters.Layout.Length;
        if (!parameters.Layout.Contains(SlotSkips.ParameterName)) return;
        _skips = new AdamWSettings { MaxGradientNorm = clip };
        _skipsStart = parameters.Layout[SlotSkips.ParameterName].Offset;
    }

    /// <summary>Sets what changes from step to step, before <see cref="Run"/> or the replay of its recording.</summary>
    /// <param name="learningRate">Of all but the slot skips.</param>
    /// <param name="step">1 for the first update.</param>
    public void SetStep(double learningRate, long step)
    {
        (_usual.LearningRate, _usual.Step) = (learningRate, step);
        if (_skips is not null) (_skips.LearningRate, _skips.Step) = (SlotSkipsRate * learningRate, step);
    }

    /// <summary>Asks for the update.</summary>
    /// <param name="operations">Of the device of the parameters.</param>
    /// <param name="gradientNorm">One element: the norm over all gradients.</param>
    public void Run(IOperations operations, View gradientNorm)
    {
        Update(operations, gradientNorm, _usual, 0, _skipsStart);
        if (_skips is not null) Update(operations, gradientNorm, _skips, _skipsStart, _parameters.Layout.Length);
    }

    private void Update(IOperations operations, View gradientNorm, AdamWSettings settings, long start, long end)
    {
        View Part(View all) => all.Slice(start, end - start);
        operations.AdamW(
            Part(_parameters.Values), Part(_parameters.Gradients), Part(_parameters.FirstMoment), Part(_parameters.SecondMoment),
            gradientNorm, settings);
    }
}
