# frozen_string_literal: true

# Adapter for the Ruby SDK; protocol: ../README.md, "Adapters".

require 'json'
require 'logger'
require 'unleash'
require 'unleash/context'
require 'unleash/variant'

# Only the protocol goes to standard output.
PROTOCOL = $stdout.dup
PROTOCOL.sync = true
$stdout = $stderr

# Keeps what the SDK logs as a warning or worse: its way of reporting an error.
class ErrorLog < Logger
  attr_reader :lines

  def initialize
    super($stderr)
    @lines = []
  end

  # The SDK clones its logger; the clone shares the list.
  def add(severity, message = nil, progname = nil)
    @lines << (message || progname).to_s if severity && severity >= Logger::ERROR
    super
  end
end

# One SDK client and the commands of the protocol.
class Adapter
  def initialize
    @log = ErrorLog.new
  end

  def hello(_request)
    { sdk: 'unleash', version: Unleash::VERSION, runtime: "ruby #{RUBY_VERSION}" }
  end

  def init(request)
    Unleash.configure do |config|
      config.url = request['url']
      config.app_name = request['appName']
      config.instance_id = request['instanceId']
      config.environment = request['environment']
      config.custom_http_headers = { 'Authorization' => request['token'] }
      config.refresh_interval = request['refreshMs'] / 1000.0
      config.metrics_interval = request['metricsMs'] / 1000.0
      config.retry_limit = 1000
      config.backup_file = File.join(request['workDir'], 'backup.json')
      config.logger = @log
      config.log_level = Logger::WARN
    end
    @client = Unleash::Client.new
    { ready: ready? }
  end

  def ready?
    !Unleash.toggles.nil?
  end

  def evaluate(request)
    { results: request['batches'].map { |batch| evaluate_batch(batch) } }
  end

  def evaluate_batch(batch)
    context = Unleash::Context.new(ruby_names(batch['context'] || {}))
    batch['flags'].map { |flag| evaluate_one(flag, context, batch) }
  end

  def evaluate_one(flag, context, batch)
    answer = {}
    if batch['only'] != 'variant'
      answer[:enabled] = @client.is_enabled?(flag, context, batch.fetch('default', false))
    end
    answer[:variant] = variant(flag, context, batch) if batch['only'] != 'enabled'
    answer
  rescue StandardError => e
    { error: e.class.name }
  end

  def variant(flag, context, batch)
    given = batch['defaultVariant'] || { 'name' => 'disabled', 'enabled' => false }
    fallback = Unleash::Variant.new(name: given['name'], enabled: given['enabled'])
    got = @client.get_variant(flag, context, fallback)
    { name: got.name, enabled: got.enabled, payload: got.payload }
  end

  # This SDK looks properties up by their snake_case name.
  def ruby_names(context)
    return context unless context['properties']

    names = context['properties'].transform_keys { |key| key.gsub(/(.)([A-Z])/, '\1_\2').downcase }
    context.merge('properties' => names)
  end

  def state(_request)
    errors = @log.lines.dup
    @log.lines.clear
    { ready: ready?, errors: errors, impressions: [] }
  end

  def close(_request)
    @client&.shutdown!
    {}
  end
end

adapter = Adapter.new
$stdin.set_encoding('UTF-8')
$stdin.each_line do |line|
  request = JSON.parse(line)
  reply =
    begin
      { ok: true }.merge(adapter.public_send(request['cmd'], request))
    rescue StandardError => e
      { ok: false, error: "#{e.class}: #{e.message}" }
    end
  PROTOCOL.puts(JSON.generate(reply))
  break if request['cmd'] == 'close'
end
exit!(0)
