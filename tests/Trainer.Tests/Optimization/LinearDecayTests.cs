using P6bNative.Trainer.Optimization;

namespace P6bNative.Trainer.Tests.Optimization;

public class LinearDecayTests
{
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(25, 1.0)]
    [InlineData(26, 75.0 / 76)]
    [InlineData(63, 38.0 / 76)]
    [InlineData(100, 1.0 / 76)]
    public void Constant_then_a_straight_line(long step, double expected) => Assert.Equal(expected, new LinearDecay(1, 25, 100).At(step), 1e-15);
}
