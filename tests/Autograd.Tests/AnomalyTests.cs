using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

public sealed class AnomalyTests : IDisposable
{
    private readonly ReferenceDevice _device = new();
    private readonly GradientCheckSubject _subject;
    private readonly Tensor _x;
    private readonly Tensor _weight;
    private readonly Tensor _y;

    public AnomalyTests()
    {
        _subject = new GradientCheckSubject(_device, new Random(7));
        _x = _subject.Tape.Input("x", 4, 3);
        _weight = _subject.Variable("out_proj.weight", 5, 3);
        using (_subject.Tape.Scope("layers.2"))
            _y = _subject.Tape.Linear(_x, _weight, null, "out_proj");
        _subject.AddToLoss(_subject.Tape.Gelu(_y, "act"));
        _subject.Tape.DetectAnomaly = true;
        _subject.Seal();
    }

    public void Dispose()
    {
        _subject.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void A_healthy_step_passes()
    {
        _subject.Tape.Forward();
        _subject.Loss();
        _subject.Tape.Backward();
        Assert.True(_subject.Tape.IsSealed);
    }

    [Fact]
    public void Forward_names_the_first_operation_that_writes_a_nan()
    {
        _device.Upload([double.NaN], _x.Value.Data.Slice(3 * 3 + 1, 1));
        AnomalyException error = Assert.Throws<AnomalyException>(_subject.Tape.Forward);
        Assert.Equal("layers.2.out_proj (Linear), forward, 'layers.2.out_proj': element (3,0) is NaN.", error.Message);
        Assert.Equal(("layers.2.out_proj", "Linear", false, 3, 0), (error.NodeName, error.Operation, error.IsBackward, error.Row, error.Column));
    }

    [Fact]
    public void Backward_names_the_operation_and_the_gradient()
    {
        _subject.Tape.Forward();
        _subject.Loss();
        _device.Upload([double.PositiveInfinity], _x.Value.Data.Slice(0, 1));
        AnomalyException error = Assert.Throws<AnomalyException>(_subject.Tape.Backward);
        Assert.StartsWith("layers.2.out_proj (Linear), backward, gradient of 'out_proj.weight': element (0,0) is", error.Message);
        Assert.True(error.IsBackward);
    }

    [Fact]
    public void Without_anomaly_mode_nothing_is_checked()
    {
        _subject.Tape.DetectAnomaly = false;
        _device.Upload([double.NaN], _x.Value.Data.Slice(0, 1));
        _subject.Tape.Forward();
        Assert.True(double.IsNaN(_subject.Loss()));
    }
}
