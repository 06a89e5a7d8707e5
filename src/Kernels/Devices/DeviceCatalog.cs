using System.Globalization;

namespace P6bNative.Kernels.Devices;

/// <summary>One line of the list of devices.</summary>
/// <param name="Name">Name to open it by.</param>
/// <param name="Description">What it is, and what it needs to be used.</param>
/// <param name="IsAvailable">Whether <see cref="DeviceCatalog.Open"/> would succeed.</param>
public sealed record DeviceEntry(string Name, string Description, bool IsAvailable)
{
    /// <summary>Bytes of memory; 0 where unknown.</summary>
    public long Memory { get; init; }

    /// <summary>Version of the driver; empty where there is none.</summary>
    public string Driver { get; init; } = "";

    /// <summary>Why it cannot be used; empty when it can.</summary>
    public string Obstacle { get; init; } = "";
}

/// <summary>The devices of this machine, by name. A family is a row of <see cref="Families"/>.</summary>
public static class DeviceCatalog
{
    private static readonly DeviceFamily[] Families =
    [
        new("cuda", CudaEntries, (name, index) => OpenCuda(name, index)),
        new("opencl", OpenClEntries, (name, index) => OpenOpenCl(name, index)),
    ];

    private static readonly Lazy<(Nvrtc? Compiler, string Finding)> Compiler = new(() =>
        (NvrtcLibrary.Find(CudaDriver.Instance.CudaVersion, out string finding), finding));

    /// <summary>The compiler that CUDA devices use; null where none was found.</summary>
    internal static Nvrtc? CudaCompiler => Compiler.Value.Compiler;

    /// <summary>Every device: graphics cards and others by family, the host, the reference, then what cannot be used and why.</summary>
    public static IReadOnlyList<DeviceEntry> List() =>
    [
        .. from entry in (IEnumerable<DeviceEntry>)[.. Families.SelectMany(family => family.Entries()), Host(), Reference]
           orderby entry.IsAvailable descending
           select entry,
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name">auto (a card by CUDA, else a card by OpenCL, else the host), or a name of <see cref="List"/>; <c>cuda</c> means <c>cuda:0</c>.</param>
    /// <param name="threads">Threads of the host device; 0 means one for each core.</param>
    /// <exception cref="ArgumentException">There is no such device, or it cannot be used here.</exception>
    /// <exception cref="DeviceException">The device's driver fails.</exception>
    public static Device Open(string name, int threads = 0)
    {
        switch (name)
        {
            case "auto":
                return Open(Automatic(), threads);
            case "host":
                return new HostDevice(threads);
            case "reference":
                return new ReferenceDevice();
        }
        string[] parts = name.Split(':');
        DeviceFamily? family = Array.Find(Families, family => family.Name == parts[0]);
        if (family is null || parts.Length > 2)
            throw Unknown(name);
        IReadOnlyList<DeviceEntry> entries = family.Entries();
        string full = parts.Length == 1 ? family.Name + ":0" : name;
        DeviceEntry? entry = entries.FirstOrDefault(entry => entry.Name == full);
        if (entry is null && entries[0].Name == family.Name)
            entry = entries[0];
        return entry is null ? throw Unknown(name)
            : entry.IsAvailable ? family.Open(full, int.Parse(full[(family.Name.Length + 1)..], CultureInfo.InvariantCulture))
            : throw new ArgumentException($"Device '{name}': {entry.Obstacle}; use {Usable()}.");
    }

    private static DeviceEntry Reference => new("reference", "the plain double-precision definition of every operation; slow, for checking", IsAvailable: true);

    private static string Automatic()
    {
        DeviceEntry? card = CudaEntries().FirstOrDefault(entry => entry.IsAvailable);
        if (card is not null)
            return card.Name;
        for (int i = 0; i < OpenClPlatforms.Devices.Count; i++)
        {
            if (OpenClPlatforms.Devices[i] is { IsGraphics: true, Obstacle: null })
                return $"opencl:{i}";
        }
        return "host";
    }

    private static DeviceEntry Host()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            using var device = new HostDevice();
            return new DeviceEntry(device.Name, device.Description, IsAvailable: true) { Memory = memory };
        }
        catch (ArgumentException e)
        {
            return new DeviceEntry("host", ProcessorName.Value, IsAvailable: false) { Memory = memory, Obstacle = e.Message };
        }
    }

    private static IReadOnlyList<DeviceEntry> OpenClEntries()
    {
        IReadOnlyList<OpenClHardware> devices = OpenClPlatforms.Devices;
        return devices.Count == 0 ? [Nothing("opencl", "any vendor's card through OpenCL 1.2", OpenClPlatforms.Finding)]
            :
            [
                .. devices.Select((device, i) => new DeviceEntry($"opencl:{i}", device.Description, device.Obstacle is null)
                {
                    Memory = device.Memory,
                    Driver = device.Driver,
                    Obstacle = device.Obstacle ?? "",
                }),
            ];
    }

    private static IReadOnlyList<DeviceEntry> CudaEntries()
    {
        CudaDriver driver = CudaDriver.Instance;
        return driver.Devices.Count == 0 ? [Nothing("cuda", "NVIDIA cards through the CUDA driver and NVRTC", driver.Finding)]
            :
            [
                .. driver.Devices.Select((device, i) => new DeviceEntry($"cuda:{i}", device.Description, CudaCompiler is not null)
                {
                    Memory = device.Memory,
                    Driver = driver.Version,
                    Obstacle = CudaCompiler is null ? $"{Compiler.Value.Finding}: the card is reached through opencl:N" : "",
                }),
            ];
    }

    private static DeviceEntry Nothing(string family, string description, string finding) => new(family, description, IsAvailable: false) { Obstacle = finding };

    private static OpenClDevice OpenOpenCl(string name, int index)
    {
        // PoCL keeps compiled kernels itself, and takes longer to hand a program out than to compile it (measured: twice the time in all).
        OpenClHardware hardware = OpenClPlatforms.Devices[index];
        return new OpenClDevice(name, hardware, hardware.IsProcessor ? ProgramCache.None : ProgramCache.OfUser);
    }

    private static CudaDevice OpenCuda(string name, int index)
    {
        CudaDriver driver = CudaDriver.Instance;
        return new CudaDevice(name, driver.Devices[index], driver, CudaCompiler!, ProgramCache.OfUser);
    }

    private static ArgumentException Unknown(string name) => new($"There is no device '{name}'; use {Usable()}.");

    private static string Usable() => "auto, " + string.Join(", ", List().Where(entry => entry.IsAvailable).Select(entry => entry.Name));

    /// <summary>Devices that share a way to be reached.</summary>
    /// <param name="Name">What their names begin with.</param>
    /// <param name="Entries">One a device, or one that says why there is none.</param>
    /// <param name="Open">Opens the device of a name and number.</param>
    private sealed record DeviceFamily(string Name, Func<IReadOnlyList<DeviceEntry>> Entries, Func<string, int, Device> Open);
}
