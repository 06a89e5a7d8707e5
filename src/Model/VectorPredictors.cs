namespace P6bNative.Model;

/// <summary>Makes the model that sizes or a weights file describe.</summary>
public static class VectorPredictors
{
    /// <summary>The model of these sizes.</summary>
    /// <exception cref="ModelException">The sizes do not make a model.</exception>
    public static IVectorPredictor Create(VectorPredictorConfig config) => config.Type switch
    {
        ModelType.Lstm => new LstmVectorPredictor(config),
        ModelType.Gru => new GruVectorPredictor(config),
        ModelType.Amn => new AmnVectorPredictor(config),
        _ => new TransformerVectorPredictor(config),
    };

    /// <summary>The model whose weights a file holds; <see cref="WeightsFile.Load"/> reads them.</summary>
    /// <exception cref="SafetensorsException">The file does not hold a model that this program has.</exception>
    public static IVectorPredictor Open(SafetensorsFile file) => Create(VectorPredictorConfig.FromSafetensors(file));
}
