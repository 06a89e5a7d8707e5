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
        Settings = settings with { Device = device.Name };
        Mode = mode;
        Data = data;
        ValidationFile = validation;
        Split = split;
        Device = device;
        Model = VectorPredictors.Create(settings.ModelConfig(data.Dimension));
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

    public IVectorPredictor Model { get; }

    public ParameterSet Parameters { get; }

    /// <summary>Opens everything; the parameters stay zero until initialised or loaded.</summary>
    /// <param name="settings">What to train on what.</param>
    /// <param name="device">The device, which the setup then owns; null opens the one of the settings.</param>
    /// <exception cref="InputException">A file or a setting is not usable.</exception>
    public static TrainingSetup Open(TrainingSettings settings, Device? device = null)
    {
        settings.Validate();
        LossMode mode = settings.EffectiveMode();
        ISequenceSet data = SequenceSet.Open(settings.Data, settings.TargetOffset);
        ISequenceSet? validation = null;
        try
        {
            settings.ModelConfig(data.Dimension).Validate();
            validation = settings.Val is null ? null : SequenceSet.Open(settings.Val, settings.TargetOffset);
            if (mode.InArticle is not null) RequireStores(mode, data, validation);
            ArticleSplit split = settings.Split(data, validation);
            device ??= OpenDevice(settings.Device, settings.Threads);
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

    /// <summary>Negatives are other rows of an article, and so are the ranks that choose the best epoch.</summary>
    private static void RequireStores(LossMode mode, params ISequenceSet?[] sets)
    {
        foreach (ISequenceSet? set in sets)
        {
            if (set is not (null or ArticleStore))
            {
                throw new InputException($"--mode {mode.Name}: {set.Path} is a {set.Kind}, which does not hold the other chunks of its articles; "
                    + "give an article store.");
            }
        }
    }

    /// <summary>Opens a device by its console name.</summary>
    /// <exception cref="InputException">There is no such device.</exception>
    public static Device OpenDevice(string name, int threads)
    {
        if (threads is < 0 or > 1024) throw new InputException($"--threads {threads}: must be 0 .. 1024.");
        try
        {
            return DeviceCatalog.Open(name, threads);
        }
        catch (Exception e) when (e is ArgumentException or DeviceException)
        {
            throw new InputException($"--device {name}: {e.Message}", e);
        }
    }

    /// <summary>Fills the parameters: as <c>--init</c> says, or as PyTorch initialises them.</summary>
    /// <exception cref="InputException">The file's model is of another architecture or has another number of heads.</exception>
    /// <exception cref="ModelException">The file is damaged, of other dimensions, or holds a number that is not finite.</exception>
    public void InitializeParameters()
    {
        ulong seed = RandomStreams.Initialization(Settings.Seed);
        if (Settings.Init is null)
        {
            Initialization.Initialize(Parameters, seed);
            return;
        }

        if (Settings.Init == TrainingSettings.PrincipalComponentsInit)
        {
            if (Model is not TransformerVectorPredictor)
                throw new InputException($"--init {Settings.Init}: starts a transformer; leave the flag out, or name weights of this model.");
            PrincipalComponents components = PrincipalComponents.Of(Device, Data, Split.Train.Span);
            NearCopyInitialization.Initialize(Parameters, Model.Config, seed, components.Rows);
            return;
        }

        RequireSameModel(Settings.Init);
        WeightsFile.Load(Settings.Init, Parameters, slotSkipsMayBeMissing: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        Device.Dispose();
        ValidationFile?.Dispose();
        Data.Dispose();
    }

    /// <summary>
    /// Names the flag that would be right. Shapes do not show the number of heads; a file that this program wrote says it. Slot skips would be
    /// lost without the flag.
    /// </summary>
    private void RequireSameModel(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        ModelType own = Model.Config.Type;
        if (ModelTypes.FindIn(file) is { } type && type != own)
            throw new InputException($"--init {path}: its model is of type {type.Name()}, this one of {own.Name()}; give --model-type {type.Name()}.");
        if (file.Contains(SlotSkips.ParameterName) && !Settings.SlotSkips)
            throw new InputException($"--init {path}: its model has slot skips; give --slot-skips.");
        if (!file.Metadata.ContainsKey("nhead")) return;
        int heads = VectorPredictorConfig.FromSafetensors(file).Heads;
        if (heads != Model.Config.Heads)
            throw new InputException($"--init {path}: its model has {heads} heads, this one has {Model.Config.Heads}; give --heads {heads}.");
    }
}
