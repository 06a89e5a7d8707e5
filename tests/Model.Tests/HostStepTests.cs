using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

public class HostStepTests
{
    private static readonly VectorPredictorConfig Config = TinyModel.Config with
    {
        InputDimension = 33,
        ModelDimension = 40,
        Heads = 5,
        FeedForward = 70,
        Dropout = 0.1f,
    };

    [Fact]
    public void Gradients_are_those_of_the_reference_with_the_same_dropout()
    {
        using var reference = new TinyModel(Config, batch: 6);
        using var host = new TinyModel(Config, batch: 6, device: new HostDevice());
        reference.Step();
        host.Step();
        foreach (ParameterEntry entry in host.Model.Layout.Entries)
        {
            double[] expected = reference.Download(reference.Parameters.Gradient(entry.Name));
            double[] actual = host.Download(host.Parameters.Gradient(entry.Name));
            double error = expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e);
            Assert.True(error <= 1e-9, $"{entry.Name}: NMSE {error}");
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        using var one = new TinyModel(Config, batch: 6, device: new HostDevice(threads: 1));
        using var three = new TinyModel(Config, batch: 6, device: new HostDevice(threads: 3));
        one.Step();
        three.Step();
        Assert.Equal(one.Download(one.Parameters.Gradients), three.Download(three.Parameters.Gradients));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var host = new TinyModel(Config, batch: 6, device: new HostDevice(threads: 2));
        host.Step();
        long device = host.Device.AllocatedBytes;
        long managed = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++)
        {
            host.Tape.Forward();
            host.Tape.Backward();
        }

        Assert.Equal(managed, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, host.Device.AllocatedBytes);
    }
}
