using System.Globalization;

namespace P6bNative.Kernels.Devices;

/// <summary>One line of the list of devices.</summary>
/// <param name="Name">Name to open it by.</param>
/// <param name="Description">What it is, or why it cannot be used.</param>
/// <param name="IsAvailable">Whether <see cref="DeviceCatalog.Open"/> would succeed.</param>
public sealed record DeviceEntry(string Name, string Description, bool IsAvailable)
{
    /// <summary>Bytes of memory; 0 where unknown.</summary>
    public long Memory { get; init; }

    /// <summary>Version of the driver; empty where there is none.</summary>
    public string Driver { get; init; } = "";
}

/// <summary>The devices of this machine, by name. A new family adds its entries to <see cref="List"/> and an arm to <see cref="Open"/>.</summary>
public static class DeviceCatalog
{
    /// <summary>Every device, the usable ones first.</summary>
    public static IReadOnlyList<DeviceEntry> List() =>
    [
        Host(),
        .. OpenCl().Where(entry => entry.IsAvailable),
        new("reference", "the plain double-precision definition of every operation; slow, for checking", IsAvailable: true),
        .. OpenCl().Where(entry => !entry.IsAvailable),
        new("cuda", NotBuilt, IsAvailable: false),
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name">auto (the fastest), or a name of <see cref="List"/>.</param>
    /// <param name="threads">Threads of the host device; 0 means one for each core.</param>
    /// <exception cref="ArgumentException">There is no such device, or it cannot be used here.</exception>
    public static Device Open(string name, int threads = 0) => name switch
    {
        "auto" or "host" => new HostDevice(threads),
        "reference" => new ReferenceDevice(),
        _ when Family(name) == "opencl" => OpenOpenCl(name),
        _ when Family(name) == "cuda" => throw new ArgumentException($"Device '{name}': {NotBuilt}; use {Usable()}."),
        _ => throw new ArgumentException($"There is no device '{name}'; use {Usable()}."),
    };

    private const string NotBuilt = "not built in this version";

    private static DeviceEntry Host()
    {
        try
        {
            using var device = new HostDevice();
            return new DeviceEntry(device.Name, device.Description, IsAvailable: true);
        }
        catch (ArgumentException e)
        {
            return new DeviceEntry("host", e.Message, IsAvailable: false);
        }
    }

    private static IEnumerable<DeviceEntry> OpenCl()
    {
        IReadOnlyList<OpenClHardware> devices = OpenClPlatforms.Devices;
        if (devices.Count == 0)
            return [new DeviceEntry("opencl", OpenClPlatforms.Finding, IsAvailable: false)];
        return devices.Select((device, i) => new DeviceEntry(
            $"opencl:{i}", device.Obstacle is null ? device.Description : $"{device.Description}: {device.Obstacle}", device.Obstacle is null)
        {
            Memory = device.Memory,
            Driver = device.Driver,
        });
    }

    private static OpenClDevice OpenOpenCl(string name)
    {
        int index = Index(name);
        if (OpenClPlatforms.Devices.Count == 0)
            throw new ArgumentException($"Device '{name}': {OpenClPlatforms.Finding}; use {Usable()}.");
        if (index < 0 || index >= OpenClPlatforms.Devices.Count)
            throw new ArgumentException($"There is no device '{name}'; use {Usable()}.");
        OpenClHardware hardware = OpenClPlatforms.Devices[index];
        return hardware.Obstacle is null
            ? new OpenClDevice($"opencl:{index}", hardware)
            : throw new ArgumentException($"Device '{name}': {hardware.Obstacle}; use {Usable()}.");
    }

    private static string Family(string name) => name.Split(':')[0];

    private static int Index(string name)
    {
        int colon = name.IndexOf(':');
        return colon < 0 ? 0 : int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1;
    }

    private static string Usable() => "auto, " + string.Join(", ", List().Where(entry => entry.IsAvailable).Select(entry => entry.Name));
}
