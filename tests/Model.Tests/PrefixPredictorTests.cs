using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

/// <summary>What is shared must not change a bit of what is predicted.</summary>
public sealed class PrefixPredictorTests : IDisposable
{
    private const int Width = 17, Length = 5;

    private readonly HostDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData(3, false, 7, 9, 6)]
    [InlineData(3, true, 64, 200, 6)]
    [InlineData(1, true, 5, 40, 3)]
    [InlineData(2, false, 1, 1, 1)]
    public void Predictions_are_the_bits_of_the_plain_predictor(int layers, bool skips, int batch, int prefixes, int vectors)
    {
        using var parameters = Parameters(_device, layers, skips, out TransformerVectorPredictor model);
        using var plain = new Predictor(model, parameters, 16);
        using var shared = new PrefixPredictor(model, parameters, batch, prefixes, vectors);
        var random = new Random(layers);

        // A few vectors, drawn again and again; calls of different sizes, the last of which do not fit beside what is kept.
        foreach (int count in new[] { 1, 12, 90, 90, 3, 170, 60 })
        {
            float[] contexts = [.. Enumerable.Range(0, count * Length).SelectMany(_ => Vector(random.Next(6)))];
            Assert.Equal(Predict(plain, contexts, count), Predict(shared, contexts, count));
        }
    }

    [Fact]
    public void Each_beginning_is_computed_once()
    {
        using var parameters = Parameters(_device, 2, skips: false, out TransformerVectorPredictor model);
        using var shared = new PrefixPredictor(model, parameters, 8, 40, 10);
        Predict(shared, Contexts("abcde", "abcdf", "abcde", "bcdef"), 4);
        Assert.Equal(5 + 1 + 5, shared.PositionsComputed);

        // Whole contexts are not kept, what they begin with is.
        Predict(shared, Contexts("abcde", "bcdea", "bcgea"), 3);
        Assert.Equal(11 + 1 + 1 + 3, shared.PositionsComputed);
    }

    [Fact]
    public void The_reference_device_agrees()
    {
        using var reference = new ReferenceDevice();
        using var parameters = Parameters(reference, 2, skips: true, out TransformerVectorPredictor model);
        using var plain = new Predictor(model, parameters, 4);
        using var shared = new PrefixPredictor(model, parameters, 4, 10, 10);
        float[] contexts = Contexts("abcde", "abcaa", "eeeee", "bacde");
        Assert.Equal(Predict(plain, contexts, 4), Predict(shared, contexts, 4));
    }

    [Fact]
    public void Spans_of_the_wrong_length_are_refused()
    {
        using var parameters = Parameters(_device, 1, skips: false, out TransformerVectorPredictor model);
        using var shared = new PrefixPredictor(model, parameters, 4, 4, 4);
        ArgumentException error = Assert.Throws<ArgumentException>(() => shared.Predict(new float[84], 1, new float[Width]));
        Assert.Equal("1 samples need 85 numbers of context and 17 of result, not 84 and 17.", error.Message);
    }

    private static ParameterSet Parameters(Device device, int layers, bool skips, out TransformerVectorPredictor model)
    {
        model = new TransformerVectorPredictor(TinyModel.Config with
        {
            InputDimension = Width,
            ModelDimension = 24,
            FeedForward = 40,
            Layers = layers,
            Dropout = 0.1f,
            SlotSkips = skips,
        });
        var parameters = new ParameterSet(device, model.Layout, training: false);
        Initialization.Initialize(parameters, seed: 9);
        if (skips)
            device.Upload([0.5f, -0.25f, 0, 1, 2], parameters.Value(SlotSkips.ParameterName));
        return parameters;
    }

    private static float[] Contexts(params string[] contexts) => [.. contexts.SelectMany(context => context.SelectMany(letter => Vector(letter)))];

    private static float[] Vector(int number) => Array.ConvertAll(TinyModel.Numbers(Width, seed: number, scale: 1), x => (float)x);

    private static float[] Predict(IPredictor predictor, float[] contexts, int count)
    {
        var raw = new float[count * Width];
        predictor.Predict(contexts, count, raw);
        return raw;
    }
}
