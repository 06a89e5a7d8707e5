using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Benchmarks;

/// <summary>The statistics of a batch and the gradient by the model's output.</summary>
public class LossBenchmarks : HostBenchmark
{
    private const int Length = 5, Dimension = 768, NegativeSlot = 3;
    private MatrixView _raw, _target, _context, _statistics, _coefficients, _dRaw;

    [Params(32, 256)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_raw, _target, _dRaw) = (Random(Batch, Dimension), Random(Batch, Dimension), Random(Batch, Dimension));
        _context = Random(Batch * Length, Dimension);
        _statistics = Random(Batch, LossStatistics.Columns(Length));
        _coefficients = Random(Batch, LossCoefficients.Columns);
    }

    [Benchmark]
    public void Forward() => Operations.VectorLossForward(_raw, _target, _context, _statistics);

    [Benchmark]
    public void Backward() => Operations.VectorLossBackward(_raw, _target, _context, NegativeSlot, _coefficients, _dRaw, accumulate: false);
}
