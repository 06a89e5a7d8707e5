namespace P6bNative.Trainer.Optimization;

/// <summary>Where a <see cref="ReduceLROnPlateau"/> stands.</summary>
/// <param name="LearningRate">The rate in force.</param>
/// <param name="Best">Lowest metric so far, or null before the first.</param>
/// <param name="BadEpochs">Epochs since the last improvement or reduction.</param>
internal readonly record struct PlateauState(double LearningRate, double? Best, int BadEpochs);

/// <summary>
/// Halves the learning rate when the metric has not fallen for more than three epochs: PyTorch's scheduler with mode min, factor 0.5,
/// patience 3, relative threshold 1e-4, cooldown 0, min_lr 0 and eps 1e-8.
/// </summary>
internal sealed class ReduceLROnPlateau
{
    private const double Factor = 0.5;
    private const int Patience = 3;
    private const double Threshold = 1e-4;
    private const double SmallestChange = 1e-8;

    /// <summary>Starts at a learning rate.</summary>
    public ReduceLROnPlateau(double learningRate) => State = new PlateauState(learningRate, null, 0);

    /// <summary>All that is needed to go on; set it to resume.</summary>
    public PlateauState State { get; set; }

    /// <summary>The rate in force.</summary>
    public double LearningRate => State.LearningRate;

    /// <summary>Takes the metric of an epoch; true where the rate was reduced. A NaN counts as no improvement.</summary>
    public bool Step(double metric)
    {
        (double rate, double? best, int badEpochs) = State;
        if (metric < (best ?? double.PositiveInfinity) * (1 - Threshold))
        {
            State = new PlateauState(rate, metric, 0);
            return false;
        }

        if (badEpochs + 1 <= Patience)
        {
            State = new PlateauState(rate, best, badEpochs + 1);
            return false;
        }

        double reduced = rate * Factor;
        bool changes = rate - reduced > SmallestChange;
        State = new PlateauState(changes ? reduced : rate, best, 0);
        return changes;
    }
}
