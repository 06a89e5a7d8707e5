using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

public class SoftplusTests
{
    [Theory]
    [InlineData(0, 0.6931471805599453)]
    [InlineData(1, 1.3132616875182228)]
    [InlineData(20, 20.000000002061153)]
    [InlineData(20.000001, 20.000001)]
    [InlineData(800, 800)]
    [InlineData(-30, 9.357622968839737e-14)]
    [InlineData(-800, 0)]
    public void Value(double z, double expected) => Assert.Equal(expected, Softplus.Value(z), 4e-16 * Math.Max(Math.Abs(expected), 1e-300));

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(2, 0.8807970779778823)]
    [InlineData(-2, 0.11920292202211755)]
    [InlineData(800, 1)]
    [InlineData(-800, 0)]
    public void Derivative(double z, double expected) => Assert.Equal(expected, Softplus.Derivative(z), 1e-16);
}
