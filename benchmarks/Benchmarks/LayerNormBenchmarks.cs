using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;

namespace P6bNative.Benchmarks;

/// <summary>The end of a sub-layer: dropout, residual and LayerNorm in one pass.</summary>
public class LayerNormBenchmarks : HostBenchmark
{
    private MatrixView _x, _residual, _sum, _y, _dX, _dResidual;
    private View _gamma, _beta, _mean, _rstd, _dGamma, _dBeta;

    [Params(160, 1280)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_x, _residual, _sum, _y) = (Random(Tokens, Width), Random(Tokens, Width), Random(Tokens, Width), Random(Tokens, Width));
        (_dX, _dResidual) = (Random(Tokens, Width), Random(Tokens, Width));
        (_gamma, _beta, _dGamma, _dBeta) = (Random(Width), Random(Width), Random(Width), Random(Width));
        (_mean, _rstd) = (Random(Tokens), Random(Tokens));
        Forward();
    }

    [Benchmark]
    public void Forward() => Operations.DropoutResidualLayerNormForward(_x, _residual, _gamma, _beta, _sum, _y, _mean, _rstd, Dropout);

    [Benchmark]
    public void Backward() => Operations.DropoutResidualLayerNormBackward(
        _y, _sum, _gamma, _mean, _rstd, _dX, accumulateX: false, _dResidual, accumulateResidual: false, _dGamma, _dBeta, accumulateParameters: false,
        Dropout);
}
