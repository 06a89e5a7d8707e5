using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation.FiveCat;

namespace P6bNative.Trainer.Commands;

/// <summary>A weights file that <c>evaluate</c> judges.</summary>
internal sealed class EvaluatedModel : IDisposable
{
    private static readonly string[] FactKeys = ["model_type", "step", "epoch"];

    private readonly string _path;
    private readonly IVectorPredictor _model;
    private ParameterSet? _parameters;
    private IPredictor? _predictor;

    private EvaluatedModel(string path, SafetensorsFile weights)
    {
        _path = path;
        _model = VectorPredictors.Open(weights);
        if (_model.Config.ContextLength != SequenceSet.ContextLength)
            throw new InputException($"{path}: reads {_model.Config.ContextLength} context vectors; the 5CAT has {SequenceSet.ContextLength}.");
        var facts = new OrderedDictionary<string, string> { ["path"] = Path.GetFullPath(path) };
        foreach (string key in FactKeys)
        {
            if (weights.Metadata.TryGetValue(key, out string? value)) facts.Add(key, value);
        }

        Facts = facts;
    }

    /// <summary>D of its vectors.</summary>
    public int Dimension => _model.Config.InputDimension;

    /// <summary>The file and what it says of itself.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>Reads what the file says of itself.</summary>
    /// <exception cref="InputException">It is no model for the 5CAT.</exception>
    public static EvaluatedModel Open(string path)
    {
        using SafetensorsFile weights = SafetensorsFile.Open(path);
        return new EvaluatedModel(path, weights);
    }

    /// <summary>Brings the weights onto a device, which must outlive this.</summary>
    /// <param name="device">The device.</param>
    /// <param name="batchSize">Windows per forward pass.</param>
    /// <param name="intactOnly">Only the contexts of the samples are asked for, not their changes, which share beginnings.</param>
    public IPredictionSource Load(Device device, int batchSize, bool intactOnly)
    {
        _parameters = new ParameterSet(device, _model.Layout, training: false);
        WeightsFile.Load(_path, _parameters);
        _predictor = _model is TransformerVectorPredictor transformer && !intactOnly
            ? new PrefixPredictor(
                transformer, _parameters, batchSize * SequenceSet.ContextLength, SplitScoring.ContextsOfBlock, SplitScoring.VectorsOfBlock)
            : new Predictor(_model, _parameters, batchSize);
        return new ModelPredictions(_predictor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _predictor?.Dispose();
        _parameters?.Dispose();
    }
}
