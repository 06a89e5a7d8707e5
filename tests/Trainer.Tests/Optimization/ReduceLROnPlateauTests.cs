using P6bNative.Trainer.Optimization;

namespace P6bNative.Trainer.Tests.Optimization;

/// <summary>Sequences of rates as PyTorch 1.13 computed them (mode min, factor 0.5, patience 3).</summary>
public class ReduceLROnPlateauTests
{
    private const double Nan = double.NaN;

    public static TheoryData<double, double[], double[], double, int> Sequences => new()
    {
        // Flat: reduced at every fourth epoch after the first.
        {
            5e-4,
            [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            [5e-4, 5e-4, 5e-4, 5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 1.25e-4, 1.25e-4, 1.25e-4, 1.25e-4, 6.25e-5, 6.25e-5],
            1.0, 1
        },
        // Around the relative threshold of 1e-4.
        {
            5e-4,
            [1.0, 0.99995, 0.9999, 0.99989, 0.9998, 0.9997, 0.9996, 0.9995, 0.9996, 0.9996, 0.9996, 0.9996],
            [5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 2.5e-4],
            0.9995, 0
        },
        { 5e-4, [.0014, .0013, .0012, .0011, .00105, .00104, .00103], [5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4], 0.00103, 0 },
        { 1e-3, [1, Nan, Nan, Nan, Nan, .5, .6, .6, .6, .6], [1e-3, 1e-3, 1e-3, 1e-3, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 2.5e-4], 0.5, 0 },
        // A change of less than 1e-8 is not made.
        {
            3e-8,
            [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            [3e-8, 3e-8, 3e-8, 3e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8, 1.5e-8],
            1.0, 1
        },
        {
            5e-4,
            [
                0.00141269, 0.00142595, 0.00142328, 0.0014121, 0.00141591, 0.00141399, 0.00141703, 0.00141877, 0.00140388, 0.00140157, 0.00141672,
                0.00140766, 0.00141325, 0.00139704, 0.00140491, 0.00140943, 0.00139858, 0.00141191, 0.00141003, 0.00139161, 0.00139051, 0.00139983,
                0.00140678, 0.00139462,
            ],
            [
                5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4, 1.25e-4,
                1.25e-4, 1.25e-4, 1.25e-4, 1.25e-4, 1.25e-4, 1.25e-4,
            ],
            0.00139051, 3
        },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Follows_PyTorch(double start, double[] metrics, double[] rates, double best, int badEpochs)
    {
        var scheduler = new ReduceLROnPlateau(start);
        double previous = start;
        for (int i = 0; i < metrics.Length; i++)
        {
            bool reduced = scheduler.Step(metrics[i]);
            Assert.Equal(rates[i], scheduler.LearningRate);
            Assert.Equal(rates[i] != previous, reduced);
            previous = rates[i];
        }

        Assert.Equal(best, scheduler.State.Best);
        Assert.Equal(badEpochs, scheduler.State.BadEpochs);
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Goes_on_from_its_state(double start, double[] metrics, double[] rates, double best, int badEpochs)
    {
        var scheduler = new ReduceLROnPlateau(start);
        for (int i = 0; i < metrics.Length; i++)
        {
            scheduler = new ReduceLROnPlateau(0) { State = scheduler.State };
            scheduler.Step(metrics[i]);
            Assert.Equal(rates[i], scheduler.LearningRate);
        }

        Assert.Equal((best, badEpochs), (scheduler.State.Best ?? Nan, scheduler.State.BadEpochs));
    }
}
