using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Benchmarks;

/// <summary>The optimizer over all parameters of the default model: bound by memory.</summary>
public class OptimizerBenchmarks : HostBenchmark
{
    private const int Parameters = 17_867_520;
    private static readonly AdamWSettings Settings = new() { LearningRate = 5e-4, WeightDecay = 0.01, MaxGradientNorm = 1, Step = 1000 };

    private View _parameters, _gradient, _firstMoment, _secondMoment, _norm;

    [GlobalSetup]
    public void Setup()
    {
        (_parameters, _gradient, _norm) = (Random(Parameters), Random(Parameters), Random(1));
        // Zero moments: random ones would hold negative variances.
        (_firstMoment, _secondMoment) = (Zero(Parameters), Zero(Parameters));
        Norm();
    }

    [Benchmark]
    public void Norm() => Operations.GradientNorm(_gradient, _norm);

    [Benchmark]
    public void AdamW() => Operations.AdamW(_parameters, _gradient, _firstMoment, _secondMoment, _norm, Settings);
}
