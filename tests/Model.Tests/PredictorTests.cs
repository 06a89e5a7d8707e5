using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

public sealed class PredictorTests : IDisposable
{
    private const int Samples = 11;

    private static readonly VectorPredictorConfig Config = TinyModel.Config with
    {
        InputDimension = 17,
        ModelDimension = 24,
        FeedForward = 40,
        Dropout = 0.1f,
    };

    private readonly HostDevice _device = new();
    private readonly TransformerVectorPredictor _model = new(Config);
    private readonly ParameterSet _parameters;
    private readonly float[] _contexts = Array.ConvertAll(TinyModel.Numbers(Samples * 5 * 17, seed: 8, scale: 1), x => (float)x);

    public PredictorTests()
    {
        _parameters = new ParameterSet(_device, _model.Layout, training: false);
        Initialization.Initialize(_parameters, seed: 9);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _device.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(16)]
    public void A_prediction_does_not_depend_on_the_batch_it_is_in(int batchSize) => Assert.Equal(Predict(1), Predict(batchSize));

    [Fact]
    public void Predictions_are_those_of_the_definition()
    {
        var plain = new PlainTransformer(Config, name =>
        {
            var values = new double[_parameters.Value(name).Length];
            _device.Download(_parameters.Value(name), values);
            return values;
        });
        double[] expected = [.. _contexts.Select(x => (double)x).Chunk(17).Chunk(5).SelectMany(plain.Forward)];
        float[] raw = Predict(4);
        double error = expected.Zip(raw, (e, r) => (e - r) * (e - r)).Sum() / expected.Sum(e => e * e);
        Assert.InRange(error, 0, 1e-11);
    }

    [Fact]
    public void Predictions_allocate_nothing()
    {
        using var predictor = new Predictor(_model, _parameters, 4);
        var raw = new float[Samples * 17];
        predictor.Predict(_contexts, Samples, raw);
        long before = GC.GetAllocatedBytesForCurrentThread();
        predictor.Predict(_contexts, Samples, raw);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Spans_of_the_wrong_length_are_refused()
    {
        using var predictor = new Predictor(_model, _parameters, 4);
        ArgumentException error = Assert.Throws<ArgumentException>(() => predictor.Predict(new float[84], 1, new float[17]));
        Assert.Equal("1 samples need 85 numbers of context and 17 of result, not 84 and 17.", error.Message);
    }

    private float[] Predict(int batchSize)
    {
        using var predictor = new Predictor(_model, _parameters, batchSize);
        var raw = new float[Samples * 17];
        predictor.Predict(_contexts, Samples, raw);
        return raw;
    }
}
