using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Training;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>Slot skips learn ten times as fast and do not decay; without them nothing changes.</summary>
public sealed class ParameterUpdateTests
{
    private const double Rate = 1e-3, Decay = 0.1;
    private static readonly VectorPredictorConfig Config = new() { InputDimension = 6, ModelDimension = 4, Layers = 1, Heads = 2, FeedForward = 5 };

    /// <summary>Adam's first update is −lr·sign(g) whatever the size of g, as long as ε is small beside it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_update_moves_each_parameter_by_its_own_rate(bool slotSkips)
    {
        using var device = new ReferenceDevice();
        var model = new TransformerVectorPredictor(Config with { SlotSkips = slotSkips });
        using var parameters = new ParameterSet(device, model.Layout);
        using Buffer norm = device.Allocate(1);
        foreach (ParameterEntry entry in model.Layout.Entries)
        {
            device.Upload(Filled(entry.Length, 2), parameters.Value(entry.Name));
            device.Upload(Filled(entry.Length, -5), parameters.Gradient(entry.Name));
        }

        device.Upload([100.0], norm.All);
        var update = new ParameterUpdate(parameters, Decay, clip: 1);
        update.SetStep(Rate, step: 1);
        update.Run(device.Operations, norm.All);
        foreach (ParameterEntry entry in model.Layout.Entries)
        {
            double expected = entry.Name == SlotSkips.ParameterName ? 2 + 10 * Rate : 2 * (1 - Rate * Decay) + Rate;
            var values = new double[entry.Length];
            device.Download(parameters.Value(entry.Name), values);
            Assert.All(values, value => Assert.Equal(expected, value, 1e-8));
        }

        // The clip scale 1/100 of the common norm reaches both moments of all.
        var moments = new double[model.Layout.Length];
        device.Download(parameters.FirstMoment, moments);
        Assert.Equal(model.Layout.ParameterCount, moments.Count(m => Math.Abs(m + 0.1 * 0.05) < 1e-9));
    }

    private static double[] Filled(long count, double value)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}
