namespace P6bNative.Kernels.Devices;

/// <summary>One line of the list of devices.</summary>
/// <param name="Name">Name to open it by.</param>
/// <param name="Description">What it is, or why it cannot be used.</param>
/// <param name="IsAvailable">Whether <see cref="DeviceCatalog.Open"/> would succeed.</param>
public sealed record DeviceEntry(string Name, string Description, bool IsAvailable);

/// <summary>The devices of this machine, by name. A new family adds its entries to <see cref="List"/> and an arm to <see cref="Open"/>.</summary>
public static class DeviceCatalog
{
    /// <summary>Every device, the usable ones first.</summary>
    public static IReadOnlyList<DeviceEntry> List() =>
    [
        Host(),
        new("reference", "the plain double-precision definition of every operation; slow, for checking", IsAvailable: true),
        new("opencl", NotBuilt, IsAvailable: false),
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
        _ when Family(name) is "opencl" or "cuda" => throw new ArgumentException($"Device '{name}': {NotBuilt}; use {Usable()}."),
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

    private static string Family(string name) => name.Split(':')[0];

    private static string Usable() => "auto, " + string.Join(", ", List().Where(entry => entry.IsAvailable).Select(entry => entry.Name));
}
