using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Training;

/// <summary>What a run works with: the opened data, its split, the device, the model and its parameters.</summary>
internal sealed class TrainingSetup : IDisposable
{
    private TrainingSetup(
        TrainingSettings settings, LossMode mode, ISequenceSet data, ISequenceSet? validation, ArticleSplit split, Device device)
    {
        Settings = settings;
        Mode = mode;
        Data = data;
        ValidationFile = validation;
        Split = split;
        Device = device;
        Model = new TransformerVectorPredictor(settings.ModelConfig(data.Dimension));
        Parameters = new ParameterSet(device, Model.Layout);
    }

    public TrainingSettings Settings { get; }

    public LossMode Mode { get; }

    /// <summary>The file of the training windows.</summary>
    public ISequenceSet Data { get; }

    /// <summary>The file of <c>--val</c>; null when the validation windows are split off <see cref="Data"/>.</summary>
    public ISequenceSet? ValidationFile { get; }

    /// <summary>The set that <see cref="ArticleSplit.Validation"/> counts in.</summary>
    public ISequenceSet ValidationData => ValidationFile ?? Data;

    public ArticleSplit Split { get; }

    public Device Device { get; }

    public TransformerVectorPredictor Model { get; }

    public ParameterSet Parameters { get; }

    /// <summary>Opens everything; the parameters stay zero until initialised or loaded.</summary>
    /// <exception cref="InputException">A file or a setting is not usable.</exception>
    public static TrainingSetup Open(TrainingSettings settings)
    {
        settings.Validate();
        LossMode mode = LossModes.Find(settings.Mode);
        ISequenceSet data = SequenceSet.Open(settings.Data, settings.TargetOffset);
        ISequenceSet? validation = null;
        Device? device = null;
        try
        {
            settings.ModelConfig(data.Dimension).Validate();
            validation = settings.Val is null ? null : SequenceSet.Open(settings.Val, settings.TargetOffset);
            if (validation is not null && validation.Dimension != data.Dimension)
            {
                throw new InputException(
                    $"{validation.Path}: vectors have dimension {validation.Dimension}, but those of {data.Path} have {data.Dimension}; both must agree.");
            }

            ArticleSplit split = validation is null
                ? ArticleSplit.Of(data, RandomStreams.Split(settings.Seed))
                : ArticleSplit.Whole(data, validation);
            device = OpenDevice(settings.Device, settings.Threads);
            return new TrainingSetup(settings, mode, data, validation, split, device);
        }
        catch
        {
            device?.Dispose();
            validation?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Opens a device by its console name.</summary>
    /// <exception cref="InputException">There is no such device.</exception>
    public static Device OpenDevice(string name, int threads)
    {
        try
        {
            return DeviceCatalog.Open(name, threads);
        }
        catch (ArgumentException e)
        {
            throw new InputException($"--device {name}: {e.Message}", e);
        }
    }

    /// <summary>Fills the parameters: from <c>--init</c>, or as PyTorch initialises them.</summary>
    /// <exception cref="InputException">The file holds a number that is not finite.</exception>
    /// <exception cref="ModelException">The file is damaged or of other dimensions.</exception>
    public void InitializeParameters()
    {
        if (Settings.Init is null)
        {
            Initialization.Initialize(Parameters, RandomStreams.Initialization(Settings.Seed));
            return;
        }

        WeightsFile.Load(Settings.Init, Parameters);
        foreach (ParameterEntry entry in Parameters.Layout.Entries)
        {
            var values = new float[entry.Length];
            Device.Download(Parameters.Value(entry.Name), values);
            int bad = Array.FindIndex(values, v => !float.IsFinite(v));
            if (bad >= 0) throw new InputException($"{Settings.Init}: {entry.Name} holds {values[bad]} at element {bad}; weights must be finite.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        Device.Dispose();
        ValidationFile?.Dispose();
        Data.Dispose();
    }
}
